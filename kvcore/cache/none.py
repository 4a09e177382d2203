"""No cache: the null object, so that attention needs no special case."""

from torch import Tensor

from kvcore.cache.base import KVCache, KVView, slots_in_order
from kvcore.cache.enrol import makes
from kvcore.records.cache_specs import NoCache
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.trace import LayerSnapshot


class NoCacheLayer:
    """Remembers nothing, so `n_seen` stays 0 and the engine feeds the whole sequence again."""

    n_seen = 0

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        return KVView(k, v, pos)

    def crop(self, n: int) -> None:
        """Nothing to forget."""

    def snapshot(self) -> LayerSnapshot:
        return LayerSnapshot(
            n_seen=0, held_bytes=0, allocated_bytes=0, slot_pos=slots_in_order(0, 0)
        )


@makes(NoCache)
def no_cache(spec: NoCache, model: ModelConfig, rule: Visibility) -> KVCache:
    """Nothing, in every layer."""
    return KVCache([NoCacheLayer() for _ in range(model.n_layers)])
