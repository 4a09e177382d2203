"""The ways to multiply rows by a weight matrix W (out, in): y = x Wᵀ, for x (..., in).

Which is faster depends on the number of rows and on the machine: `linear.py` and `weight_reader.py`
choose. oneDNN and FBGEMM are reached through operators that torch keeps for its own compiler and
its own quantized layers (tried with torch 2.13); where they are not, as on a Mac, the plain
products do.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

FEW_ROWS = 6  # below, W times the rows is faster; from so many on, the rows times Wᵀ,
MANY_ROWS = 128  # and from so many on, a product of all of W instead of one of its slices
LONG = 768  # rows of W in one slice at most, where they can be halved
FP16_MAX = torch.finfo(torch.float16).max


class Product(Protocol):
    """y = x Wᵀ."""

    @property
    def weight(self) -> Tensor:
        """W (out, in)."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """x (..., in) to y (..., out)."""
        ...


class Sliced:
    """W as it is; for all but many rows cut in slices that are multiplied as a batch.

    For few rows the library call runs on one core on many machines, or copies W first; `torch.bmm`
    over slices uses all cores. It is exact, and the slices are views: no extra memory. One slice is
    plain `F.linear` throughout, for a model so small that it is done before a second core wakes up.
    """

    def __init__(self, weight: Tensor, slices: int = 1, *, precise: bool = False) -> None:
        """In so many slices, or more of a tall W; in one where `out` cannot be cut so.

        `precise` forgoes oneDNN, whose sums are one long chain each: with AVX2 and AVX-512 measured
        twice as far from the true ones as MKL's.
        """
        self.weight = weight
        self._n_out, self._n_in = n_out, n_in = weight.shape
        slices = slices if n_out % slices == 0 else 1
        while slices > 1 and n_out // slices > LONG and n_out % (2 * slices) == 0:
            slices *= 2
        self._slices, self.cut = slices, weight.view(slices, n_out // slices, n_in)
        self.precise = precise
        onednn = has_onednn() and weight.dtype == torch.float32 and not precise
        self._multiply_whole = by_onednn if onednn else F.linear

    def __call__(self, x: Tensor) -> Tensor:
        slices, n_in = self._slices, self._n_in
        if slices == 1:
            return F.linear(x, self.weight)
        rows = x.numel() // n_in
        if rows >= MANY_ROWS:
            return self._multiply_whole(x, self.weight)
        if rows >= FEW_ROWS:
            fed = x.reshape(rows, n_in).expand(slices, rows, n_in)
            y = torch.bmm(fed, self.cut.mT).transpose(0, 1)  # (rows, slices, out / slices)
            return y.reshape(*x.shape[:-1], self._n_out)
        # The columns are rows transposed: with the strides of a plain column the product of one row
        # was measured 3.4 times as long.
        columns = x.contiguous().as_strided((slices, n_in, rows), (0, 1, n_in))
        y = torch.bmm(self.cut, columns)  # (slices, out / slices, rows)
        if rows > 1:  # of one row the same numbers, but two operations: 2 % of a decode step
            y = y.view(self._n_out, rows).t().contiguous()
        return y.view(*x.shape[:-1], self._n_out)


class Fp16Weights:
    """W kept in fp16, each number widened to fp32 where it is multiplied: half the bytes to read.

    The arithmetic is in fp32. With AVX-512 one row gives the same numbers alone and among others;
    with AVX2 it is rounded in another order. It is FBGEMM's product (Khudia et al. 2021, arXiv
    2101.05615), through the operators behind torch's own dynamic linear layers. FBGEMM fills `in`
    up to a multiple of 512: 576 columns take the memory of 1024, in two halves as well.
    """

    def __init__(self, weight: Tensor, *, precise: bool = False) -> None:
        """W (out, in) in fp32; what is beyond FP16_MAX would be cut, in `weight` too.

        FBGEMM's sums are one long chain each: measured twice as far from the true ones as MKL's.
        `precise` adds up two half as long, which come nearer.
        """
        self.precise = precise
        pack = torch.ops.quantized.linear_prepack_fp16
        halves = weight.tensor_split(2, 1) if precise else (weight,)
        self._packed = [pack(half.contiguous(), None) for half in halves]

    @property
    def weight(self) -> Tensor:
        unpack = torch.ops.quantized.linear_unpack_fp16
        return torch.cat([unpack(packed)[0] for packed in self._packed], 1)

    def __call__(self, x: Tensor) -> Tensor:
        multiply = torch.ops.quantized.linear_dynamic_fp16
        if len(self._packed) == 1:
            y: Tensor = multiply(x, self._packed[0])
            return y
        left, right = x.tensor_split(2, -1)
        y = multiply(left, self._packed[0])
        return y.add_(multiply(right, self._packed[1]))


def is_fp16(tensor: Tensor) -> bool:
    """Whether every number of an fp32 tensor is one of fp16's."""
    return torch.equal(tensor.half().float(), tensor)


def has_fbgemm() -> bool:
    """Whether FBGEMM is there for this processor and in use: as "x86" it is torch's default."""
    return torch.backends.quantized.engine in ("fbgemm", "x86")


def by_onednn(x: Tensor, weight: Tensor) -> Tensor:
    """x Wᵀ; for many rows measured a quarter faster than MKL, which is behind `F.linear`."""
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")
    return y


def has_onednn() -> bool:
    """Whether this build of torch has oneDNN's product."""
    return hasattr(torch.ops.mkldnn, "_linear_pointwise")
