"""The preallocated cache: every slot from the first step on, and one shape for ever."""

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.cache.enrol import makes
from kvcore.records.cache_specs import Static
from kvcore.records.checks import whole
from kvcore.records.config import ModelConfig, Visibility


class StaticLayer(ContiguousLayer):
    """Gives attention every slot of `pos`, written or not.

    Slot i is for position i. An unwritten slot is later than every query, so a causal mask hides
    it; its rows are zeros, because 0 times what lies there must be 0.
    """

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        needed = self.n_seen + k.shape[2]
        if needed > len(self.pos):
            raise ValueError(
                f"{needed} tokens do not fit capacity={len(self.pos)}: feed fewer tokens, or make "
                "the cache larger"
            )
        super().update(k, v, pos)
        assert self.k is not None and self.v is not None
        return KVView(self.k, self.v, self.pos)

    def _capacity(self, needed: int, now: int) -> int:
        return len(self.pos)


@makes(Static)
def static_cache(spec: Static, model: ModelConfig, rule: Visibility) -> KVCache:
    """Every slot at once. ValueError for a rule that sees what is not written yet."""
    if not rule.causal:
        raise ValueError(
            f"Static(capacity={spec.capacity}) with causal=False would attend to slots that are "
            "not written yet: give another cache"
        )
    # Refused before any memory is asked for.
    why = ": no sequence is longer than max_seq_len"
    whole("capacity", spec.capacity, 1, model.max_seq_len, why=why)
    positions = torch.arange(spec.capacity)
    return KVCache([StaticLayer(positions) for _ in range(model.n_layers)])
