"""The contract between attention and whatever remembers its keys and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from kvcore.records.checks import whole
from kvcore.records.rows import LayerRows
from kvcore.records.trace import CacheSnapshot, LayerSnapshot, locked


class KVView(NamedTuple):
    """Keys (after RoPE) and values that a layer may look at, and the position of each."""

    k: Tensor  # (B, Hkv, S, D)
    v: Tensor  # (B, Hkv, S, D)
    pos: Tensor  # (S,) absolute position of each key, in any order


class LayerCache(Protocol):
    """Keys and values of one layer.

    `update` stores T new tokens and returns at least every key that is visible to them, each with
    its position. It may return more (the mask hides the rest) and must never return less.
    """

    @property
    def n_seen(self) -> int:
        """Tokens stored so far, which is the next absolute position."""
        ...

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        """Store (B, Hkv, T, D) keys and values at `pos` (T,); return what may be looked at."""
        ...

    def crop(self, n: int) -> None:
        """Forget every position from `n` on.

        ValueError, and nothing forgotten, when a token at position `n` may look at what this layer
        has evicted. `crop(0)` is always possible.
        """
        ...

    def snapshot(self) -> LayerSnapshot:
        """The contents now, as a record that later steps do not change."""
        ...


@runtime_checkable
class Savable(LayerCache, Protocol):
    """A layer whose rows can be taken out and put back as they were."""

    def held(self) -> KVView:
        """The rows it holds, in order of position: `update` with them fills an empty layer anew."""
        ...


class KVCache:
    """One LayerCache a layer."""

    def __init__(self, layers: Sequence[LayerCache]) -> None:
        self.layers = list(layers)
        self.n_crops = 0  # times that it forgot anything

    def __getitem__(self, layer: int) -> LayerCache:
        return self.layers[layer]

    @property
    def seq_len(self) -> int:
        """Tokens every layer has seen: read off the last layer, the last one to store them."""
        return self.layers[-1].n_seen

    def at_once(self, n: int) -> int:
        """How many of `n` tokens one forward may feed: all of them, unless the kind says less."""
        return n

    def pieces(self, ids: Sequence[int]) -> Iterator[Sequence[int]]:
        """`ids` in pieces for one forward each; the next is cut when the last has been fed."""
        start = 0
        while start < len(ids):
            n = self.at_once(len(ids) - start)
            yield ids[start : start + n]
            start += n

    def crop(self, n: int) -> None:
        """Forget every position from `n` on, in every layer.

        Raises ValueError when `n` is more than was seen, or negative, or when the next token could
        look at what has been evicted: then `crop(0)` and feed the whole text.
        """
        held = self.seq_len
        n = whole("n", n, 0, held, f": crop({n}) of a cache that holds {held} tokens")
        for layer in self.layers:
            layer.crop(n)
        self.n_crops += n < held

    def views(self) -> list[KVView] | None:
        """Keys and values that attention reads, by layer; None if one has none or does not say."""
        layers = [layer for layer in self.layers if isinstance(layer, Savable)]
        return [layer.held() for layer in layers] if len(layers) == len(self.layers) else None

    def snapshot(self) -> CacheSnapshot:
        """The sum over all layers, and the last one's own record; `cache[layer]` has any other."""
        parts = [layer.snapshot() for layer in self.layers]
        return CacheSnapshot(
            n_seen=self.seq_len,
            held_bytes=sum(part.held_bytes for part in parts),
            allocated_bytes=sum(part.allocated_bytes for part in parts),
            last_layer=parts[-1],
        )


@dataclass(frozen=True, eq=False, slots=True)
class StepRows:
    """`Rows` of a step after which `cache` had seen `seq_len` tokens."""

    cache: KVCache
    seq_len: int
    n_crops: int

    @classmethod
    def of(cls, cache: KVCache) -> StepRows:
        """Those of a step that has just ended."""
        return cls(cache, cache.seq_len, cache.n_crops)

    def copied(self) -> list[LayerRows] | None:
        views = self.cache.views() if self.cache.n_crops == self.n_crops else None
        return None if views is None else [self._copy(view) for view in views]

    def _copy(self, view: KVView) -> LayerRows:
        own = view.pos < self.seq_len  # what later steps have stored is not of this one
        k, v = (locked(x[0, :, own].double().numpy()) for x in view[:2])
        return LayerRows(k, v, locked(view.pos[own].numpy()))


@lru_cache(maxsize=1)  # all layers ask alike
def slots_in_order(n_held: int, n_slots: int) -> np.ndarray:
    """`slot_pos` of a layer that keeps position i in slot i: (n_slots,)."""
    slots = np.arange(n_slots)
    slots[n_held:] = -1
    return locked(slots)
