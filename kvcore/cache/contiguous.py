"""The plain cache: one buffer of K and one of V a layer, in order of position."""

from __future__ import annotations

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView, slots_in_order
from kvcore.cache.batch_slot import BatchSlot
from kvcore.cache.enrol import makes
from kvcore.records.cache_specs import Contiguous
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.trace import LayerSnapshot

FIRST_CAPACITY = 64


class ContiguousLayer:
    """Doubles its buffers when they are full, up to as many positions as `pos` names."""

    def __init__(self, pos: Tensor) -> None:
        self.pos = pos  # (max_seq_len,)
        self.max_seq_len = len(pos)
        self.n_seen = 0
        self.k: Tensor | None = None  # (B, Hkv, capacity, D)
        self.v: Tensor | None = None
        self.slot: BatchSlot | None = None  # if the buffers are not its own

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        start, end = self.n_seen, self.n_seen + k.shape[2]
        if self.k is None or self.v is None or end > self.k.shape[2]:
            self.k, self.v = self._grown(end, k, v)
        self.k[:, :, start:end] = k
        self.v[:, :, start:end] = v
        self.n_seen = end
        return KVView(self.k[:, :, :end], self.v[:, :, :end], self.pos[:end])

    def held(self) -> KVView:
        assert self.k is not None and self.v is not None, "nothing has been fed"
        rows = slice(self.n_seen)
        return KVView(self.k[:, :, rows], self.v[:, :, rows], self.pos[rows])

    def crop(self, n: int) -> None:
        self.n_seen = n

    def snapshot(self) -> LayerSnapshot:
        held, allocated, n_slots = 0, 0, 0
        if self.k is not None and self.v is not None:
            allocated, n_slots = self.k.nbytes + self.v.nbytes, self.k.shape[2]
            held = allocated // n_slots * self.n_seen
        return LayerSnapshot(
            n_seen=self.n_seen,
            held_bytes=held,
            allocated_bytes=allocated,
            slot_pos=slots_in_order(self.n_seen, n_slots),
        )

    def move(self, k: Tensor, v: Tensor, slot: BatchSlot | None = None) -> None:
        """Go on in the buffers `k` and `v` (B, Hkv, capacity, D), which may be a batch's."""
        held = self.held()
        k[:, :, : self.n_seen], v[:, :, : self.n_seen] = held.k, held.v
        self.k, self.v, self.slot = k, v, slot

    def _grown(self, needed: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Buffers of its own like `k` and `v` for `needed` tokens, with what it holds."""
        if needed > self.max_seq_len:
            raise ValueError(
                f"{needed} tokens do not fit max_seq_len={self.max_seq_len}: feed fewer tokens"
            )
        batch, n_kv_heads, _, head_dim = k.shape
        now = 0 if self.k is None else self.k.shape[2]
        shape = batch, n_kv_heads, self._capacity(needed, now), head_dim
        grown = k.new_zeros(shape), v.new_zeros(shape)
        if self.k is not None:
            self.move(*grown)
        return grown

    def _capacity(self, needed: int, now: int) -> int:
        """Slots to allocate when `now` of them are too few for `needed`."""
        return min(max(needed, 2 * now, FIRST_CAPACITY), self.max_seq_len)


@makes(Contiguous)
def contiguous_cache(spec: Contiguous, model: ModelConfig, rule: Visibility) -> KVCache:
    """Empty buffers, which grow up to `max_seq_len`."""
    positions = torch.arange(model.max_seq_len)  # the same in every layer, never written
    return KVCache([ContiguousLayer(positions) for _ in range(model.n_layers)])
