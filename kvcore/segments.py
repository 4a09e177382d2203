"""Sequences of different lengths in one forward: their rows lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from kvcore.cache.base import KVCache
from kvcore.config import Visibility
from kvcore.masks import Masks

if TYPE_CHECKING:
    from kvcore.model import AttnState


class Segment(NamedTuple):
    """The tokens of one sequence in a forward, to be fed after what its cache holds."""

    ids: Tensor  # (B, T)
    cache: KVCache
    rule: Visibility
    record: list[AttnState] | None = None  # receives one AttnState a layer


class Placed(NamedTuple):
    """Where a segment lies among the rows of its forward, and what those may see."""

    rows: slice
    pos: Tensor  # (T,) absolute positions
    masks: Masks
    segment: Segment


def side_by_side(segments: Sequence[Segment], window: int | None) -> list[Placed]:
    """Give each segment its rows; nothing sees further back than `window`, the model's own."""
    placed: list[Placed] = []
    start = 0
    for segment in segments:
        seen, end = segment.cache.seq_len, start + segment.ids.shape[1]
        pos = torch.arange(seen, seen + end - start)
        masks = Masks(segment.rule.within(window), pos)
        placed.append(Placed(slice(start, end), pos, masks, segment))
        start = end
    return placed
