"""Cache layers that are wrong on purpose: they wrap ordinary ones and alter what those give back.

Attention knows nothing of it, and an ordinary run has no such layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from kvcore.cache import KVCache, KVView, LayerCache
from kvcore.model.transformer import Transformer
from kvcore.ops.rope import apply_rope, rotation
from kvcore.records.trace import LayerSnapshot
from kvcore.study.whatif.specs import (
    KeyAtWrongPosition,
    KeyRotatedTwice,
    KRowDropped,
    MaskInWrongCorner,
    VRowDropped,
    WhatIf,
)

Fault: TypeAlias = Callable[[KVView, int], KVView]  # what a layer gives, T fed: what it should not


class FaultyLayer:
    """Stores as `inner` does; gives attention what `fault` makes of it, and keeps that in `given`.

    The rows that `inner` holds are never written.
    """

    def __init__(self, inner: LayerCache, fault: Fault) -> None:
        self.inner = inner
        self.fault = fault
        self.given: KVView | None = None

    @property
    def n_seen(self) -> int:
        return self.inner.n_seen

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        self.given = self.fault(self.inner.update(k, v, pos), k.shape[2])
        return self.given

    def crop(self, n: int) -> None:
        self.inner.crop(n)

    def snapshot(self) -> LayerSnapshot:
        return self.inner.snapshot()


def faulty(cache: KVCache, model: Transformer, spec: WhatIf | None) -> tuple[FaultyLayer, ...]:
    """The layers of `cache`, each wrapped in the fault of `spec`; None only watches."""
    return tuple(
        FaultyLayer(layer, _fault(spec, model, index)) for index, layer in enumerate(cache.layers)
    )


def _fault(spec: WhatIf | None, model: Transformer, layer: int) -> Fault:
    match spec:
        case MaskInWrongCorner():
            # Query i of T and key j of S are (S - T) + i - j apart; the mask takes them for i - j.
            return lambda view, fed: view._replace(pos=view.pos + (len(view.pos) - fed))
        case KeyAtWrongPosition(pos=pos, at=at):
            return _turned(pos, at - pos, model, layer)
        case KeyRotatedTwice(pos=pos):
            return _turned(pos, pos, model, layer)
        case KRowDropped(pos=pos):
            return lambda view, _: view._replace(k=_with_zeros(view.k, view.pos == pos))
        case VRowDropped(pos=pos):
            return lambda view, _: view._replace(v=_with_zeros(view.v, view.pos == pos))
        case _:
            return lambda view, _: view


def _turned(pos: int, by: int, model: Transformer, layer: int) -> Fault:
    """The key at `pos` turned on by `by` positions, in layers that turn keys at all."""
    turn = None
    if layer not in model.config.nope_layers:
        turn = rotation(torch.tensor([by]), model.frequencies)

    def fault(view: KVView, _: int) -> KVView:
        k, row = view.k.clone(), view.pos == pos
        k[:, :, row] = apply_rope(k[:, :, row], turn)
        return view._replace(k=k)

    return fault


def _with_zeros(rows: Tensor, which: Tensor) -> Tensor:
    """A copy of (B, Hkv, S, D) with zeros in the rows where `which` (S,) is True."""
    return rows.masked_fill(which[:, None], 0)
