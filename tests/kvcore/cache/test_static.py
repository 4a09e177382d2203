"""A preallocated cache: one shape for ever, and the answers of the growing one."""

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.records.cache_specs import Contiguous, Static
from kvcore.records.config import Visibility
from kvcore.study.look import look
from tests.kvcore.feeding import feed, generate
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine, tiny_model

ATOL = 1e-4  # tiny random models


def test_what_attention_is_given_never_changes_its_shape() -> None:
    config = tiny_config()
    cache = make_cache(Static(capacity=20), config)
    shapes = set()
    for layer in cache.layers:
        plain = layer.update

        def noting(*args, plain=plain):
            view = plain(*args)
            shapes.add(tuple(tuple(part.shape) for part in view))
            return view

        layer.update = noting
    model, ids = tiny_model(config), random_ids(config, 20)
    feed(model, cache, ids[:12], [7, 1, 1, 3])
    cache.crop(5)
    feed(model, cache, ids[5:], [1] * 15)
    rows = (1, config.n_kv_heads, 20, config.head_dim)
    assert shapes == {(rows, rows, (20,))}


@pytest.mark.parametrize("capacity", [15, 64, 256])
def test_a_run_equals_that_of_the_growing_cache(capacity: int) -> None:
    engine = tiny_engine()
    static = generate(engine, Static(capacity=capacity), steps=10)
    grown = generate(engine, Contiguous(), steps=10)
    assert static.new_ids == grown.new_ids
    for a, b in zip(static.steps, grown.steps, strict=True):
        np.testing.assert_allclose(a.logits, b.logits, atol=ATOL, rtol=0)
        for layer in range(engine.model.config.n_layers):
            x, y = look(a, layer), look(b, layer)
            np.testing.assert_allclose(x.weights, y.weights, atol=ATOL)
            np.testing.assert_array_equal(x.mask, y.mask)


@pytest.mark.parametrize("keep", [0, 1, 11, 22])
def test_crop_then_feed_equals_a_fresh_run(keep: int) -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, 23)
    other = ids[:keep] + random_ids(config, 9, seed=1)
    cache = make_cache(Static(capacity=40), config)
    feed(model, cache, ids)
    cache.crop(keep)
    again = feed(model, cache, other[keep:], [4, 1, 4])
    fresh = feed(model, make_cache(Contiguous(), config), other)
    np.testing.assert_allclose(again, fresh[keep:], atol=ATOL, rtol=0)


def test_more_tokens_than_slots_is_an_error_with_both_numbers() -> None:
    engine = tiny_engine()
    session = engine.session(cache=Static(capacity=6))
    with pytest.raises(ValueError, match="7 tokens do not fit capacity=6"):
        session.update([1] * 7)
    session.update([1] * 6)
    with pytest.raises(ValueError, match="7 tokens do not fit capacity=6"):
        session.step()
    assert session.update([1, 2, 3]).reused == 1
    with pytest.raises(ValueError, match="capacity=0 must be at least 1"):
        Static(capacity=0)


def test_all_is_allocated_at_once_and_what_is_unwritten_is_zero_and_empty() -> None:
    config = tiny_config()
    cache = make_cache(Static(capacity=9), config)
    feed(tiny_model(config), cache, random_ids(config, 4))
    snapshot = cache.snapshot()
    assert snapshot.allocated_bytes * 4 == snapshot.held_bytes * 9
    assert snapshot.last_layer.slot_pos.tolist() == [0, 1, 2, 3, -1, -1, -1, -1, -1]
    for layer in cache.layers:
        for rows in (layer.k, layer.v):
            assert torch.count_nonzero(rows[:, :, 4:]) == 0


def test_a_run_that_looks_ahead_has_no_empty_slots_to_look_at() -> None:
    with pytest.raises(ValueError, match=r"capacity=9\) with causal=False would attend to slots"):
        tiny_engine().session(cache=Static(capacity=9), visibility=Visibility(causal=False))
