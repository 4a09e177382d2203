"""No cache: the null object, so that attention needs no special case."""

from torch import Tensor

from kvcore.cache.base import KVView
from kvcore.trace import CacheSnapshot


class NoCacheLayer:
    """Remembers nothing, so `n_seen` stays 0 and the engine feeds the whole sequence again."""

    n_seen = 0

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        return KVView(k, v, pos)

    def crop(self, n: int) -> None:
        """Nothing to forget."""

    def snapshot(self) -> CacheSnapshot:
        return CacheSnapshot(n_seen=0, held_bytes=0, allocated_bytes=0)
