"""The plain cache: one buffer of K and one of V a layer, in order of position."""

from torch import Tensor

from kvcore.cache.base import KVView, slots_in_order
from kvcore.trace import LayerSnapshot

FIRST_CAPACITY = 64


class ContiguousLayer:
    """Doubles its buffers when they are full, up to as many positions as `pos` names."""

    def __init__(self, pos: Tensor) -> None:
        self.pos = pos  # (max_seq_len,)
        self.max_seq_len = len(pos)
        self.n_seen = 0
        self.k: Tensor | None = None  # (B, Hkv, capacity, D)
        self.v: Tensor | None = None

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        start, end = self.n_seen, self.n_seen + k.shape[2]
        self.k, self.v = self._room(self.k, k, end), self._room(self.v, v, end)
        self.k[:, :, start:end] = k
        self.v[:, :, start:end] = v
        self.n_seen = end
        return KVView(self.k[:, :, :end], self.v[:, :, :end], self.pos[:end])

    def held(self) -> KVView:
        assert self.k is not None and self.v is not None, "nothing has been fed"
        rows = slice(self.n_seen)
        return KVView(self.k[:, :, rows], self.v[:, :, rows], self.pos[rows])

    def crop(self, n: int) -> None:
        self.n_seen = n

    def snapshot(self) -> LayerSnapshot:
        held, allocated, n_slots = 0, 0, 0
        if self.k is not None and self.v is not None:
            allocated, n_slots = self.k.nbytes + self.v.nbytes, self.k.shape[2]
            held = allocated // n_slots * self.n_seen
        return LayerSnapshot(
            n_seen=self.n_seen,
            held_bytes=held,
            allocated_bytes=allocated,
            slot_pos=slots_in_order(self.n_seen, n_slots),
        )

    def _room(self, buffer: Tensor | None, like: Tensor, needed: int) -> Tensor:
        if needed > self.max_seq_len:
            raise ValueError(
                f"{needed} tokens do not fit max_seq_len={self.max_seq_len}: feed fewer tokens"
            )
        capacity = 0 if buffer is None else buffer.shape[2]
        if buffer is not None and needed <= capacity:
            return buffer
        batch, n_kv_heads, _, head_dim = like.shape
        grown = like.new_zeros(batch, n_kv_heads, self._capacity(needed, capacity), head_dim)
        if buffer is not None:
            grown[:, :, : self.n_seen] = buffer[:, :, : self.n_seen]
        return grown

    def _capacity(self, needed: int, now: int) -> int:
        """Slots to allocate when `now` of them are too few for `needed`."""
        return min(max(needed, 2 * now, FIRST_CAPACITY), self.max_seq_len)
