"""The ways to multiply rows by a weight matrix W (out, in): y = x Wᵀ, for x (rows, in).

Which is faster depends on the number of rows and on the machine; `linear.py` and `parts.py` choose.
oneDNN is reached through operators that torch keeps for its own compiler (tried with torch 2.13);
where they are not, as on a Mac, the plain products do.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

FEW_ROWS = 6  # below, W times the rows is faster; from so many on, the rows times Wᵀ,
MANY_ROWS = 128  # and from so many on, a product of all of W instead of one of its slices
LONG = 768  # rows of W in one slice at most, where they can be halved


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
    """W as it is; for all but many rows cut in slices that are multiplied as a batch.

    For few rows the library call runs on one core on many machines, or copies W first; `torch.bmm`
    over slices uses all cores. It is exact, and the slices are views: no extra memory. One slice is
    plain `F.linear` throughout, for a model so small that it is done before a second core wakes up.
    """

    def __init__(self, weight: Tensor, slices: int = 1) -> None:
        """In so many slices, or more of a tall W; in one where `out` cannot be cut so."""
        self.weight = weight
        n_out, n_in = weight.shape
        slices = slices if n_out % slices == 0 else 1
        while slices > 1 and n_out // slices > LONG and n_out % (2 * slices) == 0:
            slices *= 2
        self.cut = weight.view(slices, n_out // slices, n_in)
        exact_in_onednn = weight.dtype == torch.float32
        self._multiply_whole = by_onednn if has_onednn() and exact_in_onednn else F.linear

    def __call__(self, x: Tensor) -> Tensor:
        slices, _, n_in = self.cut.shape
        rows = len(x)
        if slices == 1:
            return F.linear(x, self.weight)
        if rows >= MANY_ROWS:
            return self._multiply_whole(x, self.weight)
        if rows >= FEW_ROWS:
            y = torch.bmm(x.expand(slices, rows, n_in), self.cut.mT)  # (slices, rows, out / slices)
            return y.transpose(0, 1).reshape(rows, len(self.weight))
        # The columns are rows transposed: with the strides of a plain column the product of one row
        # was measured 3.4 times as long.
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
