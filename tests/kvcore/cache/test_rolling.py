"""A ring of slots behind pinned ones holds what may still be seen, and evicts nothing else."""

from itertools import takewhile

import numpy as np
import pytest

from kvcore.cache import KVCache, make_cache
from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import Contiguous, NoCache, Rolling
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.study.look import look
from tests.kvcore.feeding import feed, generate
from tests.kvcore.model.test_oracle import LOOSE, run_oracle
from tests.kvcore.tiny import HEADS, random_ids, spy, tiny_config, tiny_engine, tiny_model

ATOL = 1e-4  # tiny random models
RULE = Visibility(window=4, n_sink=2)


def slots(cache: KVCache) -> list[list[int]]:
    return [layer.snapshot().slot_pos.tolist() for layer in cache.layers]


def test_each_token_takes_the_slot_of_the_one_that_left_the_window() -> None:
    trace = generate(tiny_engine(), Rolling(), prompt=6, steps=4, visibility=RULE)
    assert [step.cache.last_layer.slot_pos.tolist() for step in trace.steps] == [
        [0, 1, 2, 3, 4, 5],
        [0, 1, 6, 3, 4, 5],
        [0, 1, 6, 7, 4, 5],
        [0, 1, 6, 7, 8, 5],
    ]


@pytest.mark.parametrize("chunks", [[11], [1] * 11, [3, 8], [2, 5, 1, 3]], ids=str)
def test_every_layer_holds_the_sinks_and_the_window_however_they_came(chunks: list[int]) -> None:
    config = tiny_config()
    cache = make_cache(Rolling(), config, RULE)
    feed(tiny_model(config), cache, random_ids(config, 11), chunks, RULE)
    assert slots(cache) == [[0, 1, 10, 7, 8, 9]] * config.n_layers


@pytest.mark.parametrize("chunks", [[14], [1] * 14, [3, 9, 2]], ids=str)
@pytest.mark.parametrize("heads", HEADS)
def test_rolling_equals_the_oracle(heads: str, chunks: list[int]) -> None:
    config = tiny_config(heads)
    ids = random_ids(config, 14)
    expected, _ = run_oracle(config, ids, RULE)
    logits = feed(tiny_model(config), make_cache(Rolling(), config, RULE), ids, chunks, RULE)
    np.testing.assert_allclose(logits, expected, atol=LOOSE, rtol=0)


def test_a_window_as_long_as_the_text_equals_seeing_all_of_it() -> None:
    engine = tiny_engine()
    rolling = generate(engine, Rolling(), steps=20, visibility=Visibility(window=25))
    full = generate(engine, Contiguous(), steps=20)
    assert rolling.new_ids == full.new_ids
    for a, b in zip(rolling.steps, full.steps, strict=True):
        np.testing.assert_allclose(a.logits, b.logits, atol=ATOL, rtol=0)


def test_a_run_writes_what_it_writes_without_a_cache_under_the_same_rule() -> None:
    engine = tiny_engine()
    rolling, plain, full = (
        generate(engine, cache, steps=30, visibility=rule)
        for cache, rule in ((Rolling(), RULE), (NoCache(), RULE), (Contiguous(), Visibility()))
    )
    assert rolling.new_ids == plain.new_ids
    assert rolling.new_ids != full.new_ids, "the window hid nothing that mattered"


def test_the_buffers_are_allocated_once_and_never_hold_more_than_their_slots() -> None:
    steps = generate(tiny_engine(), Rolling(), prompt=3, steps=30, visibility=RULE).steps
    assert len({step.cache.allocated_bytes for step in steps}) == 1
    held = [step.cache.held_bytes for step in steps]
    assert held[3:] == [steps[0].cache.allocated_bytes] * 27
    assert held[0] * 2 == held[3]


def test_without_a_window_there_is_nothing_to_roll() -> None:
    engine = tiny_engine()
    with pytest.raises(ValueError, match=r"window=None .*Visibility\(window=\.\.\.\)"):
        engine.session(cache=Rolling())
    with pytest.raises(ValueError, match="window=None"):
        engine.generate([5, 9], RunConfig(cache=Rolling()))


def test_the_models_own_window_is_window_enough() -> None:
    config = tiny_config(window=4)
    model, ids = tiny_model(config), random_ids(config, 11)
    cache = make_cache(Rolling(), config)
    logits = feed(model, cache, ids, [1] * 11)
    assert slots(cache)[0] == [8, 9, 10, 7]
    np.testing.assert_allclose(logits, Engine(model).recompute(ids)[0], atol=ATOL, rtol=0)


@pytest.mark.parametrize("seen", [5, 6, 7, 11])
@pytest.mark.parametrize("chunks", ["whole", "one by one"])
def test_crop_goes_back_as_far_as_nothing_needed_was_evicted(seen: int, chunks: str) -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, seen)
    n_evicted = max(0, seen - 6)  # positions 2, 3, ...: behind the sinks, the oldest first
    for n in range(seen + 1):
        cache = make_cache(Rolling(), config, RULE)
        feed(model, cache, ids, [seen] if chunks == "whole" else [1] * seen, RULE)
        # Position n looks at the sinks and at n - 3, n - 2, n - 1.
        lost = {p for p in range(n - 3, n) if 2 <= p < 2 + n_evicted}
        if lost:
            before = slots(cache)
            message = rf"crop\({n}\) of {seen} tokens: position {n} looks back at {min(lost)}, "
            with pytest.raises(ValueError, match=message):
                cache.crop(n)
            assert slots(cache) == before
        else:
            cache.crop(n)
            assert cache.seq_len == n
            other = ids[:n] + random_ids(config, 9, seed=1)
            again = feed(model, cache, other[n:], [1, 4, 1, 3], RULE)
            expected, _ = Engine(model).recompute(other, RULE)
            np.testing.assert_allclose(again, expected[n:], atol=ATOL, rtol=0)


@pytest.mark.parametrize("seed", range(3))
def test_a_text_edited_anywhere_equals_a_fresh_run(seed: int) -> None:
    rng = np.random.default_rng(seed)
    engine = tiny_engine(vocab_size=16)
    session = engine.session(cache=Rolling(), visibility=RULE)
    text = [int(x) for x in rng.integers(0, 16, 20)]
    session.update(text)
    started_over = 0
    for _ in range(25):
        held = session.ids
        if rng.random() < 0.4:
            step = session.step()
        else:
            start = len(text) - min(len(text), int(rng.geometric(0.4)))
            text = text[:start] + [int(x) for x in rng.integers(0, 16, rng.integers(1, 6))]
            step = session.update(text)
        text = list(step.ids)
        pairs = zip(held, text, strict=False)
        common = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        assert step.reused in (0, common, len(text) - 1)
        assert step.dropped == len(held) - step.reused or step.ids == held
        started_over += step.reused == 0
        expected, _ = engine.recompute(text, RULE)
        np.testing.assert_allclose(step.logits, expected[-1], atol=ATOL, rtol=0)
        assert session.cache.seq_len == step.recording.n_tokens == len(text)
    assert 0 < started_over < 20


def test_look_shows_what_the_model_computed_of_the_keys_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An evicted key is in no forward; in the picture the mask hides it, with weight 0."""
    engine = tiny_engine()
    seen = spy(engine)
    session = engine.session(cache=Rolling(), visibility=RULE)
    given: list[np.ndarray] = []
    for layer in session.cache.layers:

        def noting(*args, update=layer.update):
            view = update(*args)
            given.append(view.pos.numpy().copy())
            return view

        monkeypatch.setattr(layer, "update", noting)
    ids = random_ids(engine.model.config, 9)
    steps = [session.update(ids), *(session.step() for _ in range(4))]
    for step in steps:
        states = seen.pop(0)
        for i, state in enumerate(states):
            layer, k_pos = look(step, i), given.pop(0)
            hidden = np.setdiff1d(layer.k_pos, k_pos)
            assert not layer.mask[:, hidden].any()
            assert (layer.weights[:, :, hidden] == 0).all()
            np.testing.assert_array_equal(layer.mask[:, k_pos], state.mask)
            for name in ("scores", "weights"):
                theirs = getattr(state, name)[0]
                np.testing.assert_allclose(getattr(layer, name)[:, :, k_pos], theirs, atol=2e-5)
            np.testing.assert_allclose(layer.z, state.z[0], atol=2e-5)
    assert len(hidden) == 12 - 5


def test_a_sampled_run_ends_at_the_end_of_the_context() -> None:
    engine = tiny_engine(max_seq_len=12)
    run = RunConfig(
        cache=Rolling(), visibility=RULE, sampling=SamplingParams(max_new_tokens=50, temperature=1)
    )
    assert [len(step.ids) for step in engine.generate([1] * 10, run).steps] == [10, 11, 12]
