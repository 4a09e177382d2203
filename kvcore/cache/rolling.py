"""Sliding window with attention sinks: a ring of slots behind a few pinned ones."""

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView
from kvcore.cache.enrol import makes
from kvcore.ops.masks import visible
from kvcore.records.cache_specs import Rolling
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.trace import LayerSnapshot, locked

EMPTY = torch.iinfo(torch.int64).max  # later than every query, so the mask hides an empty slot


class RollingLayer:
    """Evicts by the rule that masks: what the token fed last may not see, no later one may."""

    def __init__(self, rule: Visibility, max_seq_len: int) -> None:
        assert rule.window is not None
        self.rule, self.window = rule, rule.window
        self.pos = torch.full((min(rule.n_sink + rule.window, max_seq_len),), EMPTY)  # (slots,)
        self.n_seen = 0
        self.k: Tensor | None = None  # (B, Hkv, slots, D)
        self.v: Tensor | None = None

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        if self.k is None or self.v is None:
            self.k, self.v = (
                rows.new_zeros(*rows.shape[:2], len(self.pos), rows.shape[3]) for rows in (k, v)
            )
        if len(pos) == 1:  # what it overwrites has just left its window
            self._store(self.k, self.v, KVView(k, v, pos))
            held = slice(min(self.n_seen, len(self.pos)))
            return KVView(self.k[:, :, held], self.v[:, :, held], self.pos[held])
        # The early ones of many tokens may look at what the last ones evict: old and new together.
        old = visible(self.rule, pos[:1], self.pos)[0]
        view = KVView(
            torch.cat((self.k[:, :, old], k), 2),
            torch.cat((self.v[:, :, old], v), 2),
            torch.cat((self.pos[old], pos)),
        )
        kept = visible(self.rule, pos[-1:], view.pos)[0]
        rows = KVView(view.k[:, :, kept], view.v[:, :, kept], view.pos[kept])
        self._store(self.k, self.v, rows)
        return view

    def held(self) -> KVView:
        assert self.k is not None and self.v is not None, "nothing has been fed"
        slots = self.pos.argsort()[: int((self.pos != EMPTY).sum())]
        return KVView(self.k[:, :, slots], self.v[:, :, slots], self.pos[slots])

    def crop(self, n: int) -> None:
        if n == self.n_seen:
            return
        past = torch.arange(n)
        needed = past[visible(self.rule, torch.tensor([n]), past)[0]]
        lost = needed[~torch.isin(needed, self.pos)]
        if len(lost):
            raise ValueError(
                f"crop({n}) of {self.n_seen} tokens: position {n} looks back at {int(lost[0])}, "
                f"which window={self.window} has evicted: crop(0) and feed the text again"
            )
        self.pos = self.pos.masked_fill(self.pos >= n, EMPTY)
        self.n_seen = n

    def snapshot(self) -> LayerSnapshot:
        slots = self.pos.numpy().copy()
        slots[slots == EMPTY] = -1
        allocated = 0 if self.k is None or self.v is None else self.k.nbytes + self.v.nbytes
        return LayerSnapshot(
            n_seen=self.n_seen,
            held_bytes=int((slots >= 0).sum()) * allocated // len(slots),
            allocated_bytes=allocated,
            slot_pos=locked(slots),
        )

    def _store(self, k: Tensor, v: Tensor, rows: KVView) -> None:
        positions = rows.pos.tolist()
        slots = torch.tensor([self._slot(pos) for pos in positions])
        k[:, :, slots], v[:, :, slots] = rows.k, rows.v
        self.pos[slots] = rows.pos
        self.n_seen = positions[-1] + 1

    def _slot(self, pos: int) -> int:
        n_sink = self.rule.n_sink
        return pos if pos < n_sink else n_sink + (pos - n_sink) % self.window


@makes(Rolling)
def rolling_cache(spec: Rolling, model: ModelConfig, rule: Visibility) -> KVCache:
    """Empty rings. ValueError for a rule without a window."""
    if rule.window is None:
        raise ValueError(
            "Rolling() with window=None would evict what is still seen: give the run "
            "Visibility(window=...), or another cache"
        )
    return KVCache([RollingLayer(rule, model.max_seq_len) for _ in range(model.n_layers)])
