"""How far a run is from fp64, in what rounding was seen to do at that very place."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from kvcore.cache import KVView
from kvcore.records.rows import LayerRows

ULP = 2.0**-24  # relative: a number that is kept in fp32 is as far off at least


class Far(NamedTuple):
    """A row of K or V of one token, or the logits after it, and how far it is off."""

    times: float  # as far from fp64 as rounding was seen to put it
    what: Literal["K", "V", "logits"]
    pos: int
    layer: int | None = None  # of K or V

    def __str__(self) -> str:
        of = f"{self.what} of token {self.pos}"
        of = of if self.layer is None else f"{of} in layer {self.layer}"
        return f"{of} {self.times:.2g} times as far off as rounding was seen to put it"


def furthest_row(stored: LayerRows, exact: KVView, rescaled: KVView, layer: int) -> Far:
    """The row of a layer that is furthest from `exact`; `rescaled` (B, ...) shows the rounding.

    A row is measured as a whole: all kv heads and dimensions of one token's K, or of its V.
    """
    pos = torch.tensor(stored.pos)
    pairs = zip((stored.k, stored.v), exact[:2], rescaled[:2], strict=True)
    times = torch.stack(
        [_times(torch.tensor(own), a[:, :, pos], b[:, :, pos]) for own, a, b in pairs]
    )
    row, at = divmod(int(times.argmax()), len(pos))  # of (2, S); a NaN is the largest
    return Far(float(times[row, at]), ("K", "V")[row], int(pos[at]), layer)


def _times(own: Tensor, exact: Tensor, rescaled: Tensor) -> Tensor:
    """Distance of each row of `own` over that of the furthest of `rescaled`: (S,)."""
    rounding = torch.maximum(_length(rescaled - exact).amax(0), ULP * _length(exact)[0])
    distance = _length(own - exact[0])
    return torch.where(distance == 0, 0.0, distance / rounding)


def _length(rows: Tensor) -> Tensor:
    """(..., Hkv, S, D) to (..., S)."""
    return rows.square().sum((-3, -1)).sqrt()
