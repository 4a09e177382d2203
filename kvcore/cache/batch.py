"""Caches put side by side, so that attention over all of them is one product.

A batch of equal lengths lies like this anyway. Here each sequence has a place in the batch, and
counts by itself how much of it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView
from kvcore.cache.contiguous import FIRST_CAPACITY, ContiguousLayer


@dataclass(frozen=True, eq=False)
class Batch:
    """Buffers for B sequences: one of K and one of V a layer."""

    k: list[Tensor]  # (B, Hkv, capacity, D)
    v: list[Tensor]
    size: int  # B
    capacity: int


@dataclass(frozen=True, eq=False)
class Place:
    """Where in a batch all layers of one cache lie."""

    batch: Batch
    index: int
    layers: Sequence[ContiguousLayer]

    def is_before(self, other: Place) -> bool:
        return other.batch is self.batch and other.index == self.index + 1


class Joint:
    """Caches at successive places as one cache of as many sequences, to be fed a token each."""

    def __init__(self, places: Sequence[Place]) -> None:
        first, last = places[0].index, places[-1].index
        self.batch, self.layers = places[0].batch, [place.layers for place in places]
        self.index, self.places = torch.arange(first, last + 1), slice(first, last + 1)
        seen = [layers[-1].n_seen for layers in self.layers]
        self.pos = torch.tensor(seen)  # (B,) of the tokens to be fed
        self.k_pos = torch.arange(max(seen) + 1)  # (S,) of the keys of the longest

    def update(self, layer: int, k: Tensor, v: Tensor) -> KVView:
        """Store (B, Hkv, 1, D) keys and values; what is returned is as long as the longest."""
        for layers in self.layers:
            layers[layer].n_seen += 1
        keys, values = self.batch.k[layer], self.batch.v[layer]  # (places, Hkv, capacity, D)
        keys[self.index, :, self.pos] = k[:, :, 0]
        values[self.index, :, self.pos] = v[:, :, 0]
        seen = slice(len(self.k_pos))
        return KVView(keys[self.places, :, seen], values[self.places, :, seen], self.k_pos)


def put_together(caches: Sequence[KVCache]) -> None:
    """Move what `caches` of one model hold into a batch of their own, unless they are one already.

    For sequences that go on together: moving them takes as long as a few of their steps save. A
    cache leaves when it outgrows its place or is put together with others, and the memory is free
    when all have left. Those of another kind, empty or full ones stay where they are, and so does a
    single one that shares with nobody.
    """
    moving = [layers for layers in map(_movable, caches) if layers]
    places = [_place(layers) for layers in moving]
    if _are_a_batch(places) or (len(moving) < 2 and not any(places)):
        return
    capacity = FIRST_CAPACITY
    while capacity <= max(layers[0].n_seen for layers in moving):
        capacity *= 2
    capacity = min(capacity, moving[0][0].max_seq_len)
    batch = Batch([], [], len(moving), capacity)
    new = [Place(batch, i, layers) for i, layers in enumerate(moving)]
    for same in zip(*moving, strict=True):
        held = same[0].held()
        shape = batch.size, held.k.shape[1], capacity, held.k.shape[3]
        k, v = held.k.new_zeros(shape), held.v.new_zeros(shape)
        for i, (layer, place) in enumerate(zip(same, new, strict=True)):
            layer.move(k[i : i + 1], v[i : i + 1], place)
        batch.k.append(k)
        batch.v.append(v)


def place_of(cache: KVCache) -> Place | None:
    """Where `cache` lies, if that is in a batch with room for one more token."""
    return _place(_movable(cache))


def _movable(cache: KVCache) -> list[ContiguousLayer]:
    """The layers of a cache that may lie in a batch; none of any other."""
    layers = [layer for layer in cache.layers if type(layer) is ContiguousLayer]
    fit = [layer for layer in layers if layer.k is not None and len(layer.k) == 1]
    return fit if len(fit) == len(cache.layers) and fit[0].n_seen < fit[0].max_seq_len else []


def _place(layers: Sequence[ContiguousLayer]) -> Place | None:
    places = {layer.place for layer in layers}  # one that has outgrown its place has none
    place = places.pop() if len(places) == 1 else None
    return place if place and layers[0].n_seen < place.batch.capacity else None


def _are_a_batch(places: Sequence[Place | None]) -> bool:
    """Whether these are all places of one batch, in order."""
    first = places[0] if places else None
    here = [(place.batch, place.index) for place in places if place]
    return first is not None and here == [(first.batch, i) for i in range(first.batch.size)]
