"""Sequences of different lengths in one forward: their rows are packed into one.

What attention handles at once is a group: one sequence with its cache, or several that are fed a
token each and whose caches are one batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView
from kvcore.cache.batch import BatchedCache, slot_of
from kvcore.cache.batch_slot import BatchSlot
from kvcore.ops.attention import AttnState
from kvcore.ops.masks import Masks, hiding, visible
from kvcore.records.config import Visibility

Windows: TypeAlias = Sequence[int | None]  # of each layer of a model


class Segment(NamedTuple):
    """The tokens of one sequence in a forward, to be fed after what its cache holds."""

    ids: Tensor  # (B, T)
    cache: KVCache
    rule: Visibility
    record: list[AttnState] | None = None  # receives one AttnState a layer


class Group(Protocol):
    """Some rows of a forward, as a batch (b, heads, t, D) of sequences with t tokens each."""

    pos: Tensor  # (rows,) absolute positions

    def of(self, x: Tensor) -> Tensor:
        """Its own of all rows: (B, heads, N, D) to (b, heads, t, D)."""
        ...

    def back(self, z: Tensor) -> Tensor:
        """(b, heads, t, D) to (B, rows, heads, D), to be put beside the other groups."""
        ...

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[KVView, Tensor, Tensor | None]:
        """Store K and V (b, Hkv, t, D) of a layer; returns what may be looked at and its mask.

        The mask is (t, S) or (b, 1, t, S); the third is `hiding` of it.
        """
        ...

    @property
    def recorded(self) -> bool:
        """Whether anyone wants the states."""
        ...

    def record(self, state: AttnState) -> None:
        """Give each sequence that wants it its own of the group's state in a layer."""
        ...


class SingleGroup:
    """A sequence, or a batch of them of equal length, with a cache of its own."""

    def __init__(self, segment: Segment, rows: slice, n_rows: int, windows: Windows) -> None:
        self.segment = segment
        self.rows = None if rows == slice(0, n_rows) else rows  # None: all there are
        seen = segment.cache.seq_len
        self.pos = torch.arange(seen, seen + rows.stop - rows.start)
        rules = {window: segment.rule.within(window) for window in set(windows)}
        alike = {rule: Masks(rule, self.pos) for rule in set(rules.values())}
        self.masks = [alike[rules[window]] for window in windows]  # of each layer
        self.recorded = segment.record is not None

    def of(self, x: Tensor) -> Tensor:
        return x if self.rows is None else x[:, :, self.rows]

    def back(self, z: Tensor) -> Tensor:
        return z.transpose(1, 2)

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[KVView, Tensor, Tensor | None]:
        seen = self.segment.cache[layer].update(k, v, self.pos)
        return seen, *self.masks[layer].over(seen.pos)

    def record(self, state: AttnState) -> None:
        if self.segment.record is not None:
            self.segment.record.append(state)


class BatchedGroup:
    """Sequences whose caches lie at successive slots of a batch, with one token each."""

    def __init__(
        self, segments: Sequence[Segment], first: BatchSlot, rows: slice, windows: Windows
    ) -> None:
        self.segments, self.rows = segments, rows
        self.cache = BatchedCache(first, [segment.cache for segment in segments])
        self.pos = self.cache.pos
        alike = {window: self._mask(window) for window in set(windows)}
        self.masks = [alike[window] for window in windows]  # of each layer
        self.recorded = any(segment.record is not None for segment in segments)

    def of(self, x: Tensor) -> Tensor:
        return x[:, :, self.rows].transpose(0, 2)

    def back(self, z: Tensor) -> Tensor:
        return z.transpose(0, 2).transpose(1, 2)

    def update(self, layer: int, k: Tensor, v: Tensor) -> tuple[KVView, Tensor, Tensor | None]:
        return self.cache.update(layer, k, v), *self.masks[layer]

    def record(self, state: AttnState) -> None:
        """Of each sequence as far as it reaches, as if it had been alone."""
        for i, (segment, pos) in enumerate(zip(self.segments, self.pos.tolist(), strict=True)):
            if segment.record is not None:
                own, seen = slice(i, i + 1), slice(pos + 1)
                segment.record.append(
                    state._replace(
                        qkv=state.qkv[own],
                        scores=state.scores[own, ..., seen],
                        mask=state.mask[i, 0, :, seen],
                        weights=state.weights[own, ..., seen],
                        z=state.z[own],
                    )
                )

    def _mask(self, window: int | None) -> tuple[Tensor, Tensor | None]:
        """(b, 1, 1, S) of the layers with this window, and `hiding` of it."""
        masks = [
            visible(segment.rule.within(window), self.pos[i : i + 1], self.cache.k_pos)  # (1, S)
            for i, segment in enumerate(self.segments)
        ]
        mask = torch.stack(masks)[:, None]
        return mask, hiding(mask)


class Layout(NamedTuple):
    """All rows of a forward, group by group."""

    ids: Tensor  # (B, N)
    pos: Tensor  # (N,) absolute positions
    groups: list[Group]
    rows: list[slice]  # of each segment, in the order given


def pack_rows(segments: Sequence[Segment], windows: Windows) -> Layout:
    """Give each segment its rows; no layer sees further back than its own of `windows`."""
    slots = [
        slot_of(segment.cache) if segment.ids.shape == (1, 1) and segment.rule.causal else None
        for segment in segments
    ]
    runs = _in_runs(slots)
    rows, end = [slice(0)] * len(segments), 0
    for i in (i for run in runs for i in run):
        rows[i] = slice(end, end + segments[i].ids.shape[1])
        end = rows[i].stop
    groups: list[Group] = []
    for run in runs:
        own = slice(rows[run[0]].start, rows[run[-1]].stop)
        first = slots[run[0]]
        if first and len(run) > 1:
            groups.append(BatchedGroup([segments[i] for i in run], first, own, windows))
        else:
            groups.append(SingleGroup(segments[run[0]], own, end, windows))
    return Layout(
        torch.cat([segments[i].ids for run in runs for i in run], 1),
        torch.cat([group.pos for group in groups]),
        groups,
        rows,
    )


def _in_runs(slots: Sequence[BatchSlot | None]) -> list[list[int]]:
    """The indices of `slots` in lists, one for each run of successive ones and each other."""

    def order(i: int) -> tuple[int, int]:
        slot = slots[i]
        return (id(slot.batch), slot.index) if slot else (0, i)

    runs: list[list[int]] = []
    for i in sorted(range(len(slots)), key=order):
        before, here = slots[runs[-1][-1]] if runs else None, slots[i]
        if before and here and before.is_before(here):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs
