"""The savings of a cache stand beside its costs, and both are what they should be."""

import numpy as np
import pytest

from kvcore.cache import make_cache
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.accounting import kv_bytes_per_token, step_cost
from kvcore.records.cache_specs import (
    CacheSpec,
    Contiguous,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
)
from kvcore.records.config import Visibility
from kvcore.study.damage import damage
from kvcore.study.quality import quality
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine, tiny_weights

N = 40
EVERYTHING = Visibility()
WINDOW = Visibility(window=8, n_sink=2)
LOSSY: dict[str, tuple[CacheSpec, Visibility]] = {
    "8 bits": (Quantized(bits=8, group=8, residual=4), EVERYTHING),
    "4 bits": (Quantized(bits=4, group=8, residual=4), EVERYTHING),
    "a window": (Rolling(), WINDOW),
}


@pytest.mark.parametrize("cache", [Contiguous(), Static(capacity=N), Paged(block_size=4)], ids=str)
def test_a_cache_that_keeps_everything_saves_nothing_and_costs_nothing(cache: CacheSpec) -> None:
    engine = tiny_engine()
    found = damage(engine, random_ids(engine.model.config, N), cache=cache)
    assert found.saved_bytes == 0
    assert found.exact_bytes == N * kv_bytes_per_token(engine.model.config)
    assert found.quality.mean_kl < 1e-8
    assert found.quality.n_flipped == 0
    assert found.quality.max_gap < 1e-4


def test_no_cache_saves_every_byte_at_no_damage() -> None:
    engine = tiny_engine()
    found = damage(engine, random_ids(engine.model.config, N), cache=NoCache())
    assert found.held_bytes == 0
    assert not found.quality.kl.any()


@pytest.mark.parametrize(("cache", "rule"), LOSSY.values(), ids=LOSSY)
def test_what_is_saved_is_the_formula(cache: CacheSpec, rule: Visibility) -> None:
    engine = tiny_engine()
    config = engine.model.config
    found = damage(engine, random_ids(config, N), cache=cache, visibility=rule)
    cost = step_cost(config, fed=N, seen=N, cache=cache, visibility=rule)
    assert found.held_bytes == cost.held_bytes < found.exact_bytes
    assert found.saved_bytes == found.exact_bytes - found.held_bytes


@pytest.mark.parametrize(("cache", "rule"), LOSSY.values(), ids=LOSSY)
def test_the_damage_is_that_of_one_token_at_a_time(cache: CacheSpec, rule: Visibility) -> None:
    """In fp64: in fp32 a last bit may carry a number over to the next code.

    Where no logit moves by more than a gap, the square root of the KL divergence moves by at most
    gap / √2: its derivative along the way is |q - p| / 2√KL, and |q - p| at most √2KL (Pinsker).
    fp64 leaves a KL of 1e-15 where there is none, whose root is 3e-8: hence the gap allowed.
    """
    config, gap = tiny_config(), 1e-6
    engine = Engine(Transformer(config, {n: w.double() for n, w in tiny_weights(config).items()}))
    ids = random_ids(config, N)
    found = damage(engine, ids, cache=cache, visibility=rule).quality
    one_by_one = feed(engine.model, make_cache(cache, config, rule), ids, [1] * N, rule)
    expected = quality(engine.recompute(ids)[0], one_by_one, ids)
    assert expected.mean_kl > 1e-6
    np.testing.assert_allclose(np.sqrt(found.kl), np.sqrt(expected.kl), atol=gap / 2**0.5, rtol=0)
    np.testing.assert_allclose(found.logit_gap, expected.logit_gap, atol=gap, rtol=0)
    np.testing.assert_allclose(found.other_log_p, expected.other_log_p, atol=2 * gap, rtol=0)


def test_damage_begins_where_something_is_missing() -> None:
    engine = tiny_engine()
    ids = random_ids(engine.model.config, N)
    cut = damage(engine, ids, cache=Rolling(), visibility=WINDOW).quality
    assert (cut.kl[:10] < 1e-8).all(), "8 in the window behind 2 sinks: all is seen"
    assert (cut.kl[10:] > 1e-6).all()


def test_fewer_bits_save_more_and_damage_more() -> None:
    engine = tiny_engine()
    ids = random_ids(engine.model.config, N)
    eight, four = (damage(engine, ids, cache=LOSSY[bits][0]) for bits in ("8 bits", "4 bits"))
    assert four.saved_bytes > eight.saved_bytes
    assert four.quality.mean_kl > 10 * eight.quality.mean_kl > 0
    assert four.quality.max_gap > eight.quality.max_gap
