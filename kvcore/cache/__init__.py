"""Ways to remember K and V, behind one contract."""

import torch

from kvcore.cache.base import KVCache, KVView, LayerCache
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.cache.none import NoCacheLayer
from kvcore.config import CacheSpec, Contiguous, ModelConfig, NoCache, Visibility

__all__ = ["KVCache", "KVView", "LayerCache", "make_cache"]


def make_cache(spec: CacheSpec, model: ModelConfig, rule: Visibility | None = None) -> KVCache:
    """An empty cache of the kind that `spec` names, one layer for each of the model's.

    `rule` is the visibility of the run that it is for, all of the past by default: what may be
    evicted follows from it.
    """
    match spec:
        case NoCache():
            return KVCache([NoCacheLayer() for _ in range(model.n_layers)])
        case Contiguous():
            positions = torch.arange(model.max_seq_len)  # the same in every layer, never written
            return KVCache([ContiguousLayer(positions) for _ in range(model.n_layers)])
