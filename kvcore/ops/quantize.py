"""Numbers to small whole codes and back: asymmetric, with a scale and a zero point for each row.

The arithmetic of KIVI (Liu et al. 2024, arXiv 2402.02750), which cuts K and V of a cache to 4 or 2
bits: a row of numbers x becomes round((x - zero) / scale), zero the smallest of the row and scale
its range divided by the largest code.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

Bits = Literal[4, 8]


class Codes(NamedTuple):
    """Quantized (..., T, D) numbers; a row is what shares a scale."""

    codes: Tensor  # (..., T, D) uint8 at 8 bits, (..., T, D / 2) at 4: two codes in a byte
    scale: Tensor  # (..., 1, D) for rows along T, (..., T, 1) for rows along D
    zero: Tensor  # same shape

    @property
    def nbytes(self) -> int:
        """Bytes of codes, scales and zero points."""
        return sum(part.nbytes for part in self)


def quantize(x: Tensor, bits: Bits, dim: int) -> Codes:
    """Codes of `x` (..., T, D), a scale and a zero point for each row along `dim`.

    `dim=-1` makes a row of each token's numbers, `dim=-2` one of each channel over T tokens. What
    comes back differs from x by at most half a scale.
    """
    zero, largest = x.amin(dim, keepdim=True), x.amax(dim, keepdim=True)
    scale = (largest - zero) / (2**bits - 1)
    scale = torch.where(scale > 0, scale, 1.0)  # a constant row: every code 0, nothing lost
    codes = ((x - zero) / scale).round().to(torch.uint8)
    return Codes(codes if bits == 8 else _packed(codes), scale, zero)


def dequantize(packed: Codes, bits: Bits) -> Tensor:
    """The numbers that the codes stand for: (..., T, D)."""
    codes = packed.codes if bits == 8 else _unpacked(packed.codes)
    return torch.addcmul(packed.zero, codes.to(packed.scale.dtype), packed.scale)


def _packed(codes: Tensor) -> Tensor:
    low, high = codes.chunk(2, -1)  # the first half of the channels beside the second
    return low | high << 4


def _unpacked(both: Tensor) -> Tensor:
    return torch.cat((both & 15, both >> 4), -1)
