"""The preallocated cache: every slot from the first step on, and one shape for ever."""

from torch import Tensor

from kvcore.cache.base import KVView
from kvcore.cache.contiguous import ContiguousLayer


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
