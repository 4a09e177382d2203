"""K and V in blocks of a pool that sequences share."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView
from kvcore.cache.blocks import BlockPool, BlockTable
from kvcore.cache.enrol import makes
from kvcore.records.cache_specs import Paged
from kvcore.records.checks import check_kind, whole
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.trace import PagedSnapshot, locked


class PagedPool:
    """Slots of K and V for any number of sequences, `n_blocks` blocks of `block_size` tokens.

    Memory for them is allocated as they are first used, twice as much each time.
    """

    def __init__(self, model: ModelConfig, n_blocks: int, block_size: int = 16) -> None:
        check_kind("model", model, ModelConfig)
        whole(
            "block_size",
            block_size,
            1,
            model.max_seq_len,
            why=": no sequence is longer than max_seq_len",
        )
        self.model = model
        self.blocks = BlockPool(n_blocks, block_size)
        self.pos = torch.arange(model.max_seq_len)
        self.kv: Tensor | None = None  # (L, 2, Hkv, blocks, block_size, D), K and then V

    def new(self) -> PagedCache:
        """An empty sequence."""
        return PagedCache(self, BlockTable(self.blocks))

    @property
    def block_bytes(self) -> int:
        """Bytes of one block in one layer; 0 before anything is stored."""
        return 0 if self.kv is None else self.kv[0, :, :, 0].numel() * self.kv.element_size()

    @property
    def saved_bytes(self) -> int:
        """Bytes, over all layers, that would be stored besides if no two sequences shared."""
        twice = sum(count - 1 for count in self.blocks.references if count > 1)
        return twice * self.block_bytes * self.model.n_layers

    def reserve(self, table: BlockTable, end: int, like: Tensor) -> Tensor:
        """Slots in every layer up to position `end`; returns the memory they lie in."""
        copy = table.extend(end)
        needed, have = max(table.blocks) + 1, 0 if self.kv is None else self.kv.shape[3]
        if self.kv is None or needed > have:
            model, pool = self.model, self.blocks
            n_blocks = min(max(needed, 2 * have), len(pool.references))
            shape = (model.n_layers, 2, model.n_kv_heads, n_blocks, pool.block_size, model.head_dim)
            grown = like.new_zeros(shape)
            if self.kv is not None:
                grown[:, :, :, :have] = self.kv
            self.kv = grown
        if copy is not None:
            self.kv[:, :, :, copy.new] = self.kv[:, :, :, copy.old]
        return self.kv


class PagedLayer:
    """One layer of one sequence: the table is shared by all its layers.

    Attention here reads one tensor, so `update` gathers the blocks in order of position; a kernel
    of PagedAttention reads them where they lie.
    """

    def __init__(self, pool: PagedPool, table: BlockTable, layer: int) -> None:
        self.pool, self.table, self.layer = pool, table, layer
        self.n_seen = table.n_tokens

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        if len(k) > 1:
            raise ValueError(f"a batch of {len(k)} in a cache of 1 sequence: pool.new() for each")
        end, limit = self.n_seen + k.shape[2], len(self.pool.pos)
        if end > limit:
            raise ValueError(f"{end} tokens do not fit max_seq_len={limit}: feed fewer tokens")
        kv = self.pool.reserve(self.table, end, like=k)[self.layer]
        blocks, size = torch.tensor(self.table.blocks), self.pool.blocks.block_size
        kv[:, :, blocks[pos // size], pos % size] = torch.stack((k[0], v[0]))
        self.n_seen = end
        return self.held()

    def held(self) -> KVView:
        assert self.pool.kv is not None
        rows = self.pool.kv[self.layer].index_select(2, torch.tensor(self.table.blocks))
        rows = rows.flatten(2, 3)[:, :, : self.n_seen]  # (2, Hkv, S, D)
        return KVView(rows[:1], rows[1:], self.pool.pos[: self.n_seen])

    def crop(self, n: int) -> None:
        self.table.crop(n)
        self.n_seen = n

    def snapshot(self) -> PagedSnapshot:
        kv, table, size = self.pool.kv, self.table.blocks, self.pool.blocks.block_size
        slots = np.full((0 if kv is None else kv.shape[3], size), -1)
        slots[table] = np.arange(len(table) * size).reshape(-1, size)
        slots[slots >= self.n_seen] = -1
        allocated = len(table) * self.pool.block_bytes
        return PagedSnapshot(
            n_seen=self.n_seen,
            held_bytes=self.n_seen * self.pool.block_bytes // size,
            allocated_bytes=allocated,
            slot_pos=locked(slots.ravel()),
            block_size=size,
            block_table=tuple(table),
            references=locked(np.array(self.pool.blocks.references)),
        )


class PagedCache(KVCache):
    """One sequence of a pool. Its blocks stay taken until it is cropped or released."""

    def __init__(self, pool: PagedPool, table: BlockTable) -> None:
        super().__init__([PagedLayer(pool, table, i) for i in range(pool.model.n_layers)])
        self.pool, self.table = pool, table

    def fork(self) -> PagedCache:
        """Another sequence with the same past: blocks are shared until one of the two writes."""
        table = self.table.fork()
        table.crop(self.seq_len)  # an interrupted step may have reserved more
        return PagedCache(self.pool, table)

    def release(self) -> None:
        """Give every block back; the sequence is empty then, and may be used again."""
        self.crop(0)


@makes(Paged)
def paged_cache(spec: Paged, model: ModelConfig, rule: Visibility) -> KVCache:
    """A sequence with a pool to itself."""
    return PagedPool(model, -(-model.max_seq_len // spec.block_size), spec.block_size).new()
