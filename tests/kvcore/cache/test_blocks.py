"""Whatever sequences do in whatever order, each reads what it stored and no block is lost.

The machine drives real pools with keys that are told apart, beside a model in plain lists: about
10,000 operations on the sequences in a run.
"""

from collections import Counter

import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from kvcore.cache import PagedPool
from kvcore.cache.blocks import BlockPool, BlockTable
from kvcore.cache.paged import PagedCache
from tests.kvcore.tiny import tiny_config

CONFIG = tiny_config("MQA", n_layers=2, head_dim=2, max_seq_len=24)


ANY = st.integers(0, 99)  # picks one of the sequences that live


class Sequences(RuleBasedStateMachine):
    """A pool that is often full, and what each of its sequences must hold."""

    @initialize(n_blocks=st.integers(1, 40), block_size=st.integers(1, 5))
    def start(self, n_blocks: int, block_size: int) -> None:
        self.pool = PagedPool(CONFIG, n_blocks, block_size)
        self.must_hold: dict[PagedCache, list[int]] = {}
        self.n_stored = 0
        self.new()

    @rule()
    def new(self) -> None:
        self.must_hold[self.pool.new()] = []

    @rule(which=ANY, n=st.integers(1, 6))
    def append(self, which: int, n: int) -> None:
        cache, held = self._pick(which)
        n = min(n, CONFIG.max_seq_len - len(held))
        if not n:
            return
        tokens = list(range(self.n_stored + 1, self.n_stored + n + 1))
        if n > self._room(cache):
            with pytest.raises(ValueError, match="blocks needed"):
                store(cache, tokens)
        else:
            held += tokens
            self.n_stored += n
            assert store(cache, tokens) == held

    @rule()
    def append_one_to_each(self) -> None:
        for which in range(len(self.must_hold)):
            self.append(which, 1)

    @rule(which=ANY, theirs=st.integers(0, 3), mine=st.integers(0, 3))
    def fork_and_write_on(self, which: int, theirs: int, mine: int) -> None:
        cache, held = self._pick(which)
        self.must_hold[cache.fork()] = list(held)
        self.append(len(self.must_hold) - 1, theirs)
        self.append(which % (len(self.must_hold) - 1), mine)

    @rule(which=ANY, n=st.integers(0, 24))
    def crop(self, which: int, n: int) -> None:
        cache, held = self._pick(which)
        n = min(n, len(held))
        cache.crop(n)
        del held[n:]

    @rule(which=ANY)
    def release(self, which: int) -> None:
        cache, _ = self._pick(which)
        cache.release()
        cache.release()  # a second time gives nothing back
        del self.must_hold[cache]
        if not self.must_hold:
            self.new()

    @invariant()
    def every_sequence_reads_what_it_stored(self) -> None:
        for cache, tokens in self.must_hold.items():
            assert cache.seq_len == len(tokens)
            assert stored(cache) == tokens

    @invariant()
    def every_block_is_free_or_held_as_often_as_it_is_counted(self) -> None:
        blocks, held = self.pool.blocks, self._held()
        everyone = range(len(blocks.references))
        assert blocks.references == [held[i] for i in everyone]
        assert sorted(blocks.free) == [i for i in everyone if not held[i]]

    @invariant()
    def no_table_is_longer_than_its_tokens_need(self) -> None:
        for cache, tokens in self.must_hold.items():
            assert len(cache.table.blocks) == -(-len(tokens) // self.pool.blocks.block_size)

    def _pick(self, which: int) -> tuple[PagedCache, list[int]]:
        return list(self.must_hold.items())[which % len(self.must_hold)]

    def _held(self) -> Counter[int]:
        """How many sequences hold each block."""
        return Counter(block for cache in self.must_hold for block in cache.table.blocks)

    def _room(self, cache: PagedCache) -> int:
        """Tokens that fit after those of `cache`, counted from the model of all sequences."""
        size, held = self.pool.blocks.block_size, self._held()
        free, inside = len(self.pool.blocks.references) - len(held), -cache.seq_len % size
        if inside and held[cache.table.blocks[-1]] > 1:  # the last block has to be copied first
            return (free - 1) * size + inside if free else 0
        return free * size + inside


def store(cache: PagedCache, tokens: list[int]) -> list[int]:
    """Write each token's number as its K, and minus it as its V; returns what is read back."""
    start = cache.seq_len
    rows = torch.tensor(tokens, dtype=torch.float32)[:, None].expand(-1, CONFIG.head_dim)
    pos = torch.arange(start, start + len(tokens))
    for i, layer in enumerate(cache.layers):
        k = rows[None, None] + i / 2
        view = layer.update(k, -k, pos)
        assert torch.equal(view.k, -view.v)
        assert view.pos.tolist() == list(range(len(view.pos)))
    return [int(x) for x in view.k[0, 0, :, 0] - i / 2]


def stored(cache: PagedCache) -> list[int]:
    """The numbers in the slots of the first layer, found by the table."""
    if not cache.seq_len:
        return []
    size, pos = cache.pool.blocks.block_size, torch.arange(cache.seq_len)
    blocks = torch.tensor(cache.table.blocks)[pos // size]
    return [int(x) for x in cache.pool.kv[0, 0, 0, blocks, pos % size, 0]]


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=250,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_block_cannot_be_freed_twice_nor_shared_when_it_is_free() -> None:
    pool = BlockPool(2, 4)
    block = pool.take()
    pool.give_back(block)
    with pytest.raises(AssertionError, match=f"block {block} is free already"):
        pool.give_back(block)
    with pytest.raises(AssertionError, match=f"block {block} is free"):
        pool.share(block)


def test_blocks_are_handed_out_from_the_lowest_and_the_last_freed_comes_first() -> None:
    pool = BlockPool(4, 2)
    a, b = BlockTable(pool), BlockTable(pool)
    a.extend(3)
    b.extend(2)
    assert (a.blocks, b.blocks) == ([0, 1], [2])
    a.crop(0)
    b.extend(4)
    assert b.blocks == [2, 0]
