"""Which block of slots belongs to whom: free list, reference counts, copy on write. No tensors.

The bookkeeping of PagedAttention (Kwon et al. 2023, arXiv 2309.06180): a sequence's tokens lie in
blocks of equal size, anywhere in a pool; its table says in which. Sequences that begin with the
same tokens hold the same blocks, and the first of them to write into one takes a copy.
"""

from __future__ import annotations

from typing import NamedTuple

from kvcore.records.checks import whole


class BlockCopy(NamedTuple):
    """A block to copy into a new one before a table's new slots are written."""

    old: int
    new: int


class BlockPool:
    """How many tables hold each block; a block that none holds is free."""

    def __init__(self, n_blocks: int, block_size: int) -> None:
        n_blocks = whole("n_blocks", n_blocks)
        self.block_size = whole("block_size", block_size)
        self.references = [0] * n_blocks
        self.free = list(
            reversed(range(n_blocks))
        )  # the last is next: low ones and warm ones first

    def take(self) -> int:
        """A free block, held once."""
        block = self.free.pop()
        self.references[block] = 1
        return block

    def share(self, block: int) -> None:
        """One more table holds `block`."""
        assert self.references[block] > 0, f"block {block} is free: nothing to share"
        self.references[block] += 1

    def give_back(self, block: int) -> None:
        """One table less holds `block`; the last one frees it."""
        assert self.references[block] > 0, f"block {block} is free already"
        self.references[block] -= 1
        if not self.references[block]:
            self.free.append(block)


class BlockTable:
    """The blocks of one sequence, in order of position; the last may be partly filled."""

    def __init__(self, pool: BlockPool) -> None:
        self.pool = pool
        self.blocks: list[int] = []
        self.n_tokens = 0

    def extend(self, end: int) -> BlockCopy | None:
        """Have slots that are this table's own for every position from `n_tokens` up to `end`.

        Returns what to copy before they are written: the last block, when another table reads it.
        Every layer of a sequence may call it: the first one gets the slots. Raises ValueError, and
        takes nothing, when the pool has too few free blocks.
        """
        if end <= self.n_tokens:
            return None
        pool, size = self.pool, self.pool.block_size
        partly_filled = self.n_tokens % size > 0
        copied = partly_filled and pool.references[self.blocks[-1]] > 1
        needed = -(-end // size) - len(self.blocks) + copied
        if needed > len(pool.free):
            raise ValueError(
                f"{needed} blocks needed, {len(pool.free)} of {len(pool.references)} free: release "
                "or crop a sequence, or make the pool larger"
            )
        copy = None
        if copied:
            copy = BlockCopy(self.blocks[-1], pool.take())
            self.blocks[-1] = copy.new
            pool.give_back(copy.old)
        while len(self.blocks) * size < end:
            self.blocks.append(pool.take())
        self.n_tokens = end
        return copy

    def fork(self) -> BlockTable:
        """Another table that holds the same blocks."""
        twin = BlockTable(self.pool)
        twin.blocks, twin.n_tokens = list(self.blocks), self.n_tokens
        for block in self.blocks:
            self.pool.share(block)
        return twin

    def crop(self, n: int) -> None:
        """Keep the first `n` tokens; give back every block that none of them lies in."""
        n = min(n, self.n_tokens)
        while (len(self.blocks) - 1) * self.pool.block_size >= n:
            self.pool.give_back(self.blocks.pop())
        self.n_tokens = n
