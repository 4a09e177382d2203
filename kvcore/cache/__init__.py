"""Ways to remember K and V, behind one contract."""

from typing import get_args

import torch

from kvcore.cache.base import KVCache, KVView, LayerCache, Savable, StepRows
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.cache.none import NoCacheLayer
from kvcore.cache.paged import PagedCache, PagedPool
from kvcore.cache.quantized import QuantizedCache, QuantizedLayer
from kvcore.cache.rolling import RollingLayer
from kvcore.cache.static import StaticLayer
from kvcore.records.checks import check_kind, whole
from kvcore.records.config import (
    CacheSpec,
    Contiguous,
    ModelConfig,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
    Visibility,
)

__all__ = [
    "KVCache",
    "KVView",
    "LayerCache",
    "PagedCache",
    "PagedPool",
    "Savable",
    "StepRows",
    "make_cache",
]


def make_cache(spec: CacheSpec, model: ModelConfig, rule: Visibility | None = None) -> KVCache:
    """An empty cache of the kind that `spec` names, one layer for each of the model's.

    `rule` is the visibility of the run that it is for, all of the past by default: what may be
    evicted follows from it. Raises ValueError when the kind and the rule do not go together.
    """
    check_kind("cache", spec, *get_args(CacheSpec))
    rule = Visibility() if rule is None else rule
    check_kind("visibility", rule, Visibility)
    rule = rule.within(model.reach)
    match spec:
        case NoCache():
            return KVCache([NoCacheLayer() for _ in range(model.n_layers)])
        case Contiguous():
            positions = torch.arange(model.max_seq_len)  # the same in every layer, never written
            return KVCache([ContiguousLayer(positions) for _ in range(model.n_layers)])
        case Rolling():
            if rule.window is None:
                raise ValueError(
                    "Rolling() with window=None would evict what is still seen: give the run "
                    "Visibility(window=...), or another cache"
                )
            return KVCache([RollingLayer(rule, model.max_seq_len) for _ in range(model.n_layers)])
        case Static(capacity=capacity):
            if not rule.causal:
                raise ValueError(
                    f"Static(capacity={capacity}) with causal=False would attend to slots that are "
                    "not written yet: give another cache"
                )
            _check_used("capacity", capacity, model)
            positions = torch.arange(capacity)
            return KVCache([StaticLayer(positions) for _ in range(model.n_layers)])
        case Quantized():
            positions = torch.arange(model.max_seq_len)
            layers = [QuantizedLayer(spec, positions) for _ in range(model.n_layers)]
            return QuantizedCache(layers, spec)
        case Paged(block_size=size):
            return PagedPool(model, -(-model.max_seq_len // size), size).new()


def _check_used(name: str, slots: int, model: ModelConfig) -> None:
    """Refuse, before any memory is asked for, more slots in a row than a sequence can fill."""
    whole(name, slots, 1, model.max_seq_len, why=": no sequence is longer than max_seq_len")
