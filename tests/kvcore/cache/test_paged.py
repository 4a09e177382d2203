"""Blocks give the contiguous cache's answers to the last bit, and share what is the same."""

import numpy as np
import pytest
import torch

from kvcore.cache import PagedPool, make_cache
from kvcore.model.segments import Segment
from kvcore.records.accounting import kv_bytes_per_token
from kvcore.records.cache_specs import Contiguous, Paged
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.trace import PagedSnapshot
from tests.kvcore.feeding import feed, generate
from tests.kvcore.tiny import HEADS, random_ids, tiny_config, tiny_engine, tiny_model

N = 23
CHUNKINGS = {
    "whole": [N],
    "one by one": [1] * N,
    "ragged": [7, 1, 9, 6],
    "short then long": [3, 20],
    "long then one by one": [18, *[1] * 5],
}
SIZES = [1, 4, 5, 16, 256]  # slots of a block: one, even, odd, more than half, all


@pytest.mark.parametrize("block_size", SIZES)
@pytest.mark.parametrize("chunks", CHUNKINGS.values(), ids=CHUNKINGS)
@pytest.mark.parametrize("heads", HEADS)
def test_logits_are_those_of_the_contiguous_cache_bit_for_bit(
    heads: str, chunks: list[int], block_size: int
) -> None:
    config = tiny_config(heads)
    model, ids = tiny_model(config), random_ids(config, N)
    paged = feed(model, make_cache(Paged(block_size=block_size), config), ids, chunks)
    plain = feed(model, make_cache(Contiguous(), config), ids, chunks)
    np.testing.assert_array_equal(paged, plain)


@pytest.mark.parametrize(
    "rule", [Visibility(window=4, n_sink=2), Visibility(causal=False)], ids=str
)
def test_so_they_are_under_any_visibility(rule: Visibility) -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, N)
    a, b = (
        feed(model, make_cache(spec, config, rule), ids, [7, 1, 9, 6], rule)
        for spec in (Paged(block_size=4), Contiguous())
    )
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("keep", [0, 1, 8, 11, 22, 23])
def test_crop_then_feed_equals_a_fresh_run_bit_for_bit(keep: int) -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, N)
    other = ids[:keep] + random_ids(config, 9, seed=1)
    caches = [make_cache(spec, config) for spec in (Paged(block_size=4), Contiguous())]
    again = []
    for cache in caches:
        feed(model, cache, ids)
        cache.crop(keep)
        again.append(feed(model, cache, other[keep:], [4, 1, 4]))
    np.testing.assert_array_equal(*again)


def filled_pool(
    n_tokens: int, n_blocks: int = 32, block_size: int = 4
) -> tuple[ModelConfig, PagedPool, list[int]]:
    config = tiny_config()
    return config, PagedPool(config, n_blocks, block_size), random_ids(config, n_tokens)


@pytest.mark.parametrize("prefix", [8, 10], ids=["whole blocks", "a block partly filled"])
def test_sequences_that_share_a_prefix_write_on_as_if_each_were_alone(prefix: int) -> None:
    config, pool, ids = filled_pool(prefix)
    model = tiny_model(config)
    first = pool.new()
    feed(model, first, ids)
    forks = [first.fork(), first.fork()]
    forks.append(forks[0].fork())
    ends = [random_ids(config, 7, seed) for seed in range(1, 5)]
    for chunks in ([1, 3], [2, 1]):  # in turn, so that each writes while the others read
        for i, cache in enumerate((first, *forks)):
            start = cache.seq_len - prefix
            piece = ends[i][start : start + sum(chunks)]
            logits = feed(model, cache, piece, chunks)
            alone = make_cache(Contiguous(), config)
            feed(model, alone, [*ids, *ends[i][:start]])
            np.testing.assert_allclose(logits, feed(model, alone, piece, chunks), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_forks_fed_in_one_forward_write_on_as_if_each_were_alone() -> None:
    config, pool, ids = filled_pool(10)
    model, first = tiny_model(config), pool.new()
    feed(model, first, ids)
    caches = [first, first.fork(), first.fork()]
    pieces = [[1], [2, 3, 4], [5, 6]]
    fed = [Segment(torch.tensor([p]), c, Visibility()) for p, c in zip(pieces, caches, strict=True)]
    for piece, cache, logits in zip(pieces, caches, model.feed(fed), strict=True):
        alone = make_cache(Contiguous(), config)
        expected = feed(model, alone, [*ids, *piece])[-1]
        np.testing.assert_allclose(logits[0, -1], expected, atol=1e-4, rtol=0)
        assert cache.seq_len == 10 + len(piece)
    assert len({cache.table.blocks[-1] for cache in caches}) == 3


def test_a_write_after_a_fork_touches_no_row_that_the_other_reads() -> None:
    config, pool, ids = filled_pool(10)
    model, first = tiny_model(config), pool.new()
    feed(model, first, ids)
    before = read(pool, first)
    second = first.fork()
    np.testing.assert_array_equal(read(pool, second), before)
    feed(model, second, [1, 2, 3])
    np.testing.assert_array_equal(read(pool, first), before)
    after = read(pool, second)
    feed(model, first, [4, 5, 6])
    np.testing.assert_array_equal(read(pool, second), after)
    np.testing.assert_array_equal(read(pool, first)[..., :10, :], before)
    np.testing.assert_array_equal(after[..., :10, :], before)


def read(pool: PagedPool, cache) -> np.ndarray:
    """K and V of a sequence in every layer, slot by slot: (L, 2, Hkv, S, D)."""
    size = pool.blocks.block_size
    rows = [
        pool.kv[:, :, :, cache.table.blocks[pos // size], pos % size].numpy().copy()
        for pos in range(cache.seq_len)
    ]
    return np.stack(rows, 3)


def test_only_the_block_that_is_written_is_copied() -> None:
    config, pool, ids = filled_pool(10)
    model, first = tiny_model(config), pool.new()
    feed(model, first, ids)
    second = first.fork()
    assert snapshot(second).shared_blocks == (0, 1, 2)
    assert pool.saved_bytes == 3 * 4 * kv_bytes_per_token(config)
    feed(model, second, [1])
    assert snapshot(first).block_table == (0, 1, 2)
    assert snapshot(second).block_table == (0, 1, 3)
    assert snapshot(first).references[:5].tolist() == [2, 2, 1, 1, 0]
    assert pool.saved_bytes == 2 * 4 * kv_bytes_per_token(config)
    first.release()
    assert first.seq_len == 0
    assert snapshot(second).references[:5].tolist() == [1, 1, 0, 1, 0]
    assert pool.saved_bytes == 0
    second.release()
    second.release()
    assert len(snapshot(second).free_blocks) == 32


def snapshot(cache) -> PagedSnapshot:
    found = cache.snapshot().last_layer
    assert isinstance(found, PagedSnapshot)
    return found


@pytest.mark.parametrize("n", [0, 1, 4, 5, 12])
def test_waste_is_less_than_a_block_and_reported_in_slots_and_bytes(n: int) -> None:
    config, pool, ids = filled_pool(12)
    cache = pool.new()
    feed(tiny_model(config), cache, ids)
    cache.crop(n)
    whole, found = cache.snapshot(), snapshot(cache)
    assert whole.held_bytes == n * kv_bytes_per_token(config)
    assert whole.allocated_bytes == -(-n // 4) * 4 * kv_bytes_per_token(config)
    assert found.wasted_slots == -n % 4
    assert sorted(found.slot_pos[found.slot_pos >= 0]) == list(range(n))
    assert set(found.free_blocks).isdisjoint(found.block_table)


def test_slots_name_the_position_that_lies_in_them_for_this_sequence_alone() -> None:
    config, pool, ids = filled_pool(6)
    first, second = pool.new(), pool.new()
    model = tiny_model(config)
    feed(model, first, ids[:3])
    feed(model, second, ids)
    feed(model, first, ids[3:])
    assert snapshot(first).slot_pos.tolist()[:16] == [0, 1, 2, 3, *[-1] * 8, 4, 5, -1, -1]
    assert snapshot(second).slot_pos.tolist()[:12] == [*[-1] * 4, 0, 1, 2, 3, 4, 5, -1, -1]


def test_a_snapshot_stays_what_it_was() -> None:
    config, pool, ids = filled_pool(6)
    cache = pool.new()
    feed(tiny_model(config), cache, ids)
    found = snapshot(cache)
    cache.fork()
    cache.crop(1)
    assert found.block_table == (0, 1)
    assert found.references[:3].tolist() == [1, 1, 0]
    for array in (found.references, found.slot_pos):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


def test_too_few_free_blocks_is_an_error_with_both_numbers_and_takes_none() -> None:
    config, pool, ids = filled_pool(12, n_blocks=5)
    model, first = tiny_model(config), pool.new()
    feed(model, first, ids)
    second = pool.new()
    with pytest.raises(ValueError, match="3 blocks needed, 2 of 5 free: release or crop"):
        feed(model, second, ids)
    assert second.seq_len == 0
    assert len(snapshot(first).free_blocks) == 2
    first.crop(8)
    np.testing.assert_array_equal(
        feed(model, second, ids), feed(model, make_cache(Contiguous(), config), ids)
    )


def test_no_block_to_copy_into_leaves_both_sequences_as_they_were() -> None:
    config, pool, ids = filled_pool(10, n_blocks=3)
    model, first = tiny_model(config), pool.new()
    feed(model, first, ids)
    second, before = first.fork(), read(pool, first)
    with pytest.raises(ValueError, match="1 blocks needed, 0 of 3 free"):
        feed(model, second, [1])
    assert second.seq_len == 10
    for cache in (first, second):
        np.testing.assert_array_equal(read(pool, cache), before)
    second.release()
    feed(model, first, [1])


def test_memory_is_allocated_as_blocks_are_used_and_grows_without_losing_a_row() -> None:
    config = tiny_config()
    model, pool = tiny_model(config), PagedPool(config, n_blocks=60, block_size=4)
    assert pool.block_bytes == 0
    cache, ids = pool.new(), random_ids(config, 100)
    feed(model, cache, ids[:9])
    assert pool.kv.shape[3] == 3
    fed = feed(model, cache, ids[9:], [4, 1, 40, 46])
    plain = make_cache(Contiguous(), config)
    feed(model, plain, ids[:9])
    np.testing.assert_array_equal(fed, feed(model, plain, ids[9:], [4, 1, 40, 46]))
    assert 25 <= pool.kv.shape[3] <= 60


def test_a_session_typed_in_the_middle_reuses_its_blocks_and_equals_a_fresh_one() -> None:
    engine = tiny_engine()
    session = engine.session(cache=Paged(block_size=4))
    ids = random_ids(engine.model.config, 15)
    session.update(ids)
    edited = [*ids[:6], ids[6] - 1, *ids[7:]]
    step = session.update(edited)
    assert step.reused == 6
    fresh = engine.session().update(edited)
    np.testing.assert_allclose(step.logits, fresh.logits, atol=1e-4, rtol=0)
    assert generate(engine, Paged(block_size=4)).new_ids == generate(engine).new_ids


@torch.inference_mode()
def test_what_makes_no_paged_cache_is_refused() -> None:
    config, pool, _ = filled_pool(1)
    with pytest.raises(ValueError, match=r"a batch of 2 .* pool.new\(\) for each"):
        tiny_model(config)(torch.tensor([[1], [2]]), pool.new(), Visibility())
    with pytest.raises(ValueError, match="block_size=0 must be at least 1"):
        Paged(block_size=0)
    with pytest.raises(ValueError, match="n_blocks=0 must be at least 1"):
        PagedPool(config, 0)
    with pytest.raises(ValueError, match="257 tokens do not fit max_seq_len=256"):
        feed(tiny_model(config), make_cache(Paged(), config), [1] * 257)
