"""Where in the buffers of a batch the cache of one sequence lies."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Buffers for several sequences: one of K and one of V a layer."""

    k: list[Tensor]  # (n, Hkv, capacity, D)
    v: list[Tensor]
    n_slots: int
    capacity: int

    @property
    def n_kv_heads(self) -> int:
        return self.k[0].shape[1]


@dataclass(frozen=True, eq=False)
class BatchSlot:
    """Where in a batch all layers of one cache lie; its snapshot counts the bytes there alone."""

    batch: Batch
    index: int

    def is_before(self, other: BatchSlot) -> bool:
        return other.batch is self.batch and other.index == self.index + 1
