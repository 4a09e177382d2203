"""The ways to multiply rows by a weight matrix W (out, in): y = x Wᵀ, for x (rows, in).

Which is faster depends on the number of rows and on the machine; `linear.py` and `parts.py` choose.
oneDNN is reached through operators that torch keeps for its own compiler (tried with torch 2.13);
where they are not, as on a Mac, the plain products do.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

MANY_ROWS = 9  # from so many on, a product of all of W is faster than one of its slices,
MANY_ROWS_WIDE = 4  # and for a matrix with more columns than rows from so many on


class Product(Protocol):
    """y = x Wᵀ."""

    @property
    def weight(self) -> Tensor:
        """W (out, in)."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """x (rows, in) to y (rows, out)."""
        ...


class Sliced:
    """W as it is; for few rows cut in slices that are multiplied as a batch.

    The library call for a single row runs on one core on many machines; `torch.bmm` over slices
    uses all of them. Both are exact, and the slices are views: no extra memory. One slice is plain
    `F.linear` throughout, for a model so small that it is done before a second core wakes up.
    """

    def __init__(self, weight: Tensor, slices: int = 1) -> None:
        """In one slice, whatever was asked for, where `out` cannot be cut so."""
        self.weight = weight
        n_out, n_in = weight.shape
        slices = slices if n_out % slices == 0 else 1
        self.cut = weight.view(slices, n_out // slices, n_in)
        self._many = MANY_ROWS_WIDE if n_in > n_out else MANY_ROWS
        exact_in_onednn = weight.dtype == torch.float32
        self._multiply_whole = by_onednn if has_onednn() and exact_in_onednn else F.linear

    def __call__(self, x: Tensor) -> Tensor:
        slices, _, n_in = self.cut.shape
        rows = len(x)
        if slices == 1:
            return F.linear(x, self.weight)
        if rows >= self._many:
            return self._multiply_whole(x, self.weight)
        if rows == 1:  # what follows with fewer calls: nothing to transpose in y
            # The column is a row transposed: with the strides of a plain column the product was
            # measured 3.4 times as long.
            return torch.bmm(self.cut, x.t().expand(slices, n_in, 1)).view(1, len(self.weight))
        y = torch.bmm(self.cut, x.t().expand(slices, n_in, rows))  # (slices, out / slices, rows)
        return y.view(len(self.weight), rows).t().contiguous()


class Halved:
    """W in fp16: half the bytes to read, no longer exact."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight

    def __call__(self, x: Tensor) -> Tensor:
        return F.linear(x.half(), self.weight).to(x.dtype)


def by_onednn(x: Tensor, weight: Tensor) -> Tensor:
    """x Wᵀ; for many rows measured a quarter faster than MKL, which is behind `F.linear`."""
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")
    return y


def has_onednn() -> bool:
    """Whether this build of torch has oneDNN's product."""
    return hasattr(torch.ops.mkldnn, "_linear_pointwise")
