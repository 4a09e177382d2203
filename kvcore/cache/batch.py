"""Caches merged into one batch, so that attention over all of them is one product.

A batch of equal lengths lies like this anyway. Here each sequence has a slot of the batch, and
counts by itself how much of it is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView
from kvcore.cache.batch_slot import Batch, BatchSlot
from kvcore.cache.contiguous import ContiguousLayer

# Tokens of a slot at least: shorter ones would cost more in products than in reading past the end.
SHORTEST = 256
ROOM = 8  # tokens at least that a cache can take after it moved


class BatchedCache:
    """Caches in successive slots, from `first` on, as one cache of b sequences.

    It is made for a forward that feeds each of them one token.
    """

    def __init__(self, first: BatchSlot, caches: Sequence[KVCache]) -> None:
        self.batch, self.layers = first.batch, [_movable(cache) for cache in caches]
        self.lying = slice(first.index, first.index + len(caches))
        self.pos = torch.tensor([cache.seq_len for cache in caches])  # (b,) of the tokens to feed
        self.k_pos = torch.arange(int(self.pos.max()) + 1)  # (S,) of the keys of the longest
        slots = torch.arange(self.lying.start, self.lying.stop)[:, None]  # (b, 1)
        heads = slots * first.batch.n_kv_heads + torch.arange(first.batch.n_kv_heads)  # (b, Hkv)
        # (b Hkv,) of the rows to write, where all rows of a buffer lie one below the other.
        self.rows = (heads * first.batch.capacity + self.pos[:, None]).view(-1)

    def update(self, layer: int, k: Tensor, v: Tensor) -> KVView:
        """Store (b, Hkv, 1, D) keys and values; what is returned is as long as the longest."""
        keys, values = self.batch.k[layer], self.batch.v[layer]  # (n, Hkv, capacity, D)
        keys.view(-1, k.shape[-1]).index_copy_(0, self.rows, k.reshape(-1, k.shape[-1]))
        values.view(-1, v.shape[-1]).index_copy_(0, self.rows, v.reshape(-1, v.shape[-1]))
        for layers in self.layers:
            layers[layer].n_seen += 1
        seen = slice(len(self.k_pos))
        return KVView(keys[self.lying, :, seen], values[self.lying, :, seen], self.k_pos)


def merge_into_batch(caches: Sequence[KVCache]) -> None:
    """Move what `caches` hold into batches of their own, unless they lie so already.

    For sequences that go on together: moving them takes as long as a few of their steps save. Those
    that need as many slots share a batch, so that a long one makes no others long. A cache
    leaves when it outgrows its slot or is merged with others; the memory is free when all
    have left. Those of another kind, never fed or full, stay where they are, and so does a single
    one that shares with nobody.
    """
    alike: dict[Hashable, list[list[ContiguousLayer]]] = defaultdict(list)
    for cache in caches:
        if layers := _movable(cache):
            held = layers[0].held().k
            kind = len(layers), held.shape[1], held.shape[3], held.dtype  # of one model
            alike[_capacity(layers[0]), kind].append(layers)
    for moving in alike.values():
        slots = [_slot(layers) for layers in moving]
        if not _are_a_batch(slots) and (len(moving) > 1 or any(slots)):
            _move(moving)


def slot_of(cache: KVCache) -> BatchSlot | None:
    """Where `cache` lies, if that is in a batch with room for one more token."""
    return _slot(_movable(cache))


def _move(caches: Sequence[Sequence[ContiguousLayer]]) -> None:
    """Into a new batch, in this order."""
    batch = Batch([], [], len(caches), _capacity(caches[0][0]))
    slots = [BatchSlot(batch, i) for i in range(len(caches))]
    for same in zip(*caches, strict=True):
        held = same[0].held()
        shape = batch.n_slots, held.k.shape[1], batch.capacity, held.k.shape[3]
        k, v = held.k.new_zeros(shape), held.v.new_zeros(shape)
        for i, (layer, slot) in enumerate(zip(same, slots, strict=True)):
            layer.move(k[i : i + 1], v[i : i + 1], slot)
        batch.k.append(k)
        batch.v.append(v)


def _capacity(layer: ContiguousLayer) -> int:
    """Tokens of the slot that the layer would get."""
    capacity = SHORTEST
    while capacity < layer.n_seen + ROOM:
        capacity *= 2
    return min(capacity, layer.max_seq_len)


def _movable(cache: KVCache) -> list[ContiguousLayer]:
    """The layers of a cache that may lie in a batch; none of any other."""
    layers = [layer for layer in cache.layers if type(layer) is ContiguousLayer]
    fit = [layer for layer in layers if layer.k is not None and layer.k.shape[0] == 1]
    return fit if len(fit) == len(cache.layers) and fit[0].n_seen < fit[0].max_seq_len else []


def _slot(layers: Sequence[ContiguousLayer]) -> BatchSlot | None:
    slots = {layer.slot for layer in layers}  # one that has outgrown its slot has none
    slot = slots.pop() if len(slots) == 1 else None
    return slot if slot and layers[0].n_seen < slot.batch.capacity else None


def _are_a_batch(slots: Sequence[BatchSlot | None]) -> bool:
    """Whether these are all slots of one batch, in order."""
    first = slots[0]
    if first is None or first.index or first.batch.n_slots != len(slots):
        return False
    return all(a and b and a.is_before(b) for a, b in pairwise(slots))
