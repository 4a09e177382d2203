"""The contents of a cache, and how they came there, never change an answer."""

import numpy as np
import pytest

from kvcore.cache import make_cache
from kvcore.cache.contiguous import FIRST_CAPACITY, ContiguousLayer
from kvcore.engine.engine import Engine
from kvcore.ops.products import FEW_ROWS, MANY_ROWS
from kvcore.records.cache_specs import CacheSpec, Contiguous, NoCache, Paged, Rolling, Static
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import HEADS, random_ids, tiny_config, tiny_engine, tiny_model

ATOL = 1e-4  # tiny random models
CHUNKINGS = {
    "whole": [23],
    "one by one": [1] * 23,
    "ragged": [7, 1, 9, 6],
    "short then long": [3, 20],
    "long then one by one": [18, *[1] * 5],
}


KINDS: dict[str, tuple[CacheSpec, Visibility]] = {
    "contiguous": (Contiguous(), Visibility()),
    "contiguous, window": (Contiguous(), Visibility(window=4, n_sink=2)),
    "static": (Static(capacity=30), Visibility()),
    "static to the last slot, window": (Static(capacity=23), Visibility(window=4, n_sink=2)),
    "paged": (Paged(block_size=4), Visibility()),
    "paged, window": (Paged(block_size=4), Visibility(window=4, n_sink=2)),
    "rolling": (Rolling(), Visibility(window=4)),
    "rolling with sinks": (Rolling(), Visibility(window=4, n_sink=2)),
    "rolling, window of 1": (Rolling(), Visibility(window=1, n_sink=1)),
    "rolling, window of all": (Rolling(), Visibility(window=23)),
    "rolling, window beyond the context": (Rolling(), Visibility(window=1000, n_sink=3)),
}


@pytest.mark.parametrize("chunks", CHUNKINGS.values(), ids=CHUNKINGS)
@pytest.mark.parametrize(("spec", "rule"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("heads", HEADS)
def test_cached_logits_equal_recomputed_at_every_position(
    heads: str, spec: CacheSpec, rule: Visibility, chunks: list[int]
) -> None:
    config = tiny_config(heads)
    model, ids = tiny_model(config), random_ids(config, 23)
    expected, _ = Engine(model).recompute(ids, rule)
    cached = feed(model, make_cache(spec, config, rule), ids, chunks, rule)
    np.testing.assert_allclose(cached, expected, atol=ATOL, rtol=0)


@pytest.mark.parametrize("heads", HEADS)
def test_generation_is_the_same_with_and_without_a_cache(heads: str) -> None:
    engine = tiny_engine(heads)
    ids, sampling = random_ids(engine.model.config, 6), SamplingParams(max_new_tokens=20)
    cached = engine.generate(ids, RunConfig(sampling=sampling))
    plain = engine.generate(ids, RunConfig(cache=NoCache(), sampling=sampling))
    assert cached.new_ids == plain.new_ids
    for a, b in zip(cached.steps, plain.steps, strict=True):
        np.testing.assert_allclose(a.logits, b.logits, atol=ATOL, rtol=0)


def test_sampling_with_one_seed_draws_the_same_tokens_with_and_without_a_cache() -> None:
    engine = tiny_engine()
    ids = random_ids(engine.model.config, 6)
    draws = [
        engine.generate(
            ids,
            RunConfig(
                cache=cache,
                sampling=SamplingParams(max_new_tokens=20, temperature=1.5, seed=seed),
            ),
        ).new_ids
        for seed in (0, 1)
        for cache in (Contiguous(), NoCache())
    ]
    assert draws[0] == draws[1]
    assert draws[2] == draws[3]
    assert draws[0] != draws[2]


def test_the_buffers_double_without_losing_a_token() -> None:
    config = tiny_config()
    model, n = tiny_model(config), FIRST_CAPACITY + 6
    ids = random_ids(config, n)
    expected, _ = Engine(model).recompute(ids)
    cache = make_cache(Contiguous(), config)
    layer = cache[0]
    assert isinstance(layer, ContiguousLayer)

    before = feed(model, cache, ids[: FIRST_CAPACITY - 2])
    assert layer.k.shape[2] == FIRST_CAPACITY
    across = feed(model, cache, ids[FIRST_CAPACITY - 2 :], [1] * 8)
    assert layer.k.shape[2] == 2 * FIRST_CAPACITY
    np.testing.assert_allclose(np.concatenate([before, across]), expected, atol=ATOL, rtol=0)


def test_a_chunk_longer_than_twice_the_buffers_fits() -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, 200)
    cache = make_cache(Contiguous(), config)
    cached = feed(model, cache, ids, [3, 197])
    np.testing.assert_allclose(cached, Engine(model).recompute(ids)[0], atol=ATOL, rtol=0)


@pytest.mark.parametrize("keep", [0, 1, 11, 22, 23])
def test_crop_then_feed_equals_a_fresh_run(keep: int) -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, 23)
    other = ids[:keep] + random_ids(config, 9, seed=1)
    cache = make_cache(Contiguous(), config)
    feed(model, cache, ids)
    cache.crop(keep)
    assert cache.seq_len == keep
    again = feed(model, cache, other[keep:], [4, 1, 4])
    fresh = feed(model, make_cache(Contiguous(), config), other)
    np.testing.assert_allclose(again, fresh[keep:], atol=ATOL, rtol=0)


@pytest.mark.parametrize("n", [-1, 6])
def test_crop_beyond_what_is_held_is_an_error_with_both_numbers(n: int) -> None:
    config = tiny_config()
    cache = make_cache(Contiguous(), config)
    feed(tiny_model(config), cache, random_ids(config, 5))
    with pytest.raises(ValueError, match=rf"crop\({n}\).*5 tokens"):
        cache.crop(n)


def test_cutting_the_matrices_in_slices_changes_no_answer() -> None:
    config = tiny_config()
    ids = random_ids(config, 2 * MANY_ROWS)
    cut, plain = tiny_model(config, slices=8), tiny_model(config, slices=1)
    assert len(cut.head.product.cut) == 8, "a head that is not cut would make this test empty"
    for rows in (1, 2, FEW_ROWS - 1, FEW_ROWS, MANY_ROWS - 1, MANY_ROWS):
        a, b = (feed(m, make_cache(NoCache(), config), ids[:rows]) for m in (cut, plain))
        np.testing.assert_allclose(a, b, atol=ATOL, rtol=0)


def test_a_matrix_that_cannot_be_cut_evenly_is_multiplied_whole() -> None:
    config = tiny_config(vocab_size=101)
    model = tiny_model(config, slices=8)
    assert len(model.head.product.cut) == 1
    assert feed(model, make_cache(Contiguous(), config), [100]).shape == (1, 101)
