"""Layers that see all of the past beside layers with a window: each follows its own rule."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from kvcore.cache import make_cache
from kvcore.cache.batch import merge_into_batch
from kvcore.engine.engine import Engine
from kvcore.engine.scheduler import Scheduler
from kvcore.model.fingerprint import fingerprint
from kvcore.model.segments import Segment
from kvcore.ops.masks import visible
from kvcore.ops.resumable import finish
from kvcore.records.accounting import step_cost
from kvcore.records.cache_specs import CacheSpec, Contiguous, Paged, Quantized, Rolling, Static
from kvcore.records.config import ModelConfig, Visibility
from kvcore.study.cell import cell
from kvcore.study.compare import verify
from kvcore.study.counting import counting
from kvcore.study.damage import damage
from kvcore.study.fp64 import replayed
from kvcore.study.look import look
from tests.kvcore.feeding import feed, generate
from tests.kvcore.model.test_oracle import LOOSE, assert_layer_equals
from tests.kvcore.tiny import (
    TOLERANCE,
    random_ids,
    run_oracle,
    spy,
    tiny_config,
    tiny_engine,
    tiny_model,
)

WINDOWS: dict[str, tuple[int | None, ...]] = {
    "one full": (4, None, 4),
    "full first": (None, 3, 3),
    "three sizes": (2, None, 6),
    "none full": (3, 5, 4),
}
RULES = {
    "all": Visibility(),
    "wide window": Visibility(window=50),
    "narrow window": Visibility(window=3),
    "sinks": Visibility(window=5, n_sink=2),
    "unmasked": Visibility(causal=False),
}
CHUNKS = [[23], [1] * 23, [7, 1, 9, 6]]
BY_WINDOWS = pytest.mark.parametrize("windows", WINDOWS.values(), ids=WINDOWS)


def mixed(windows: tuple[int | None, ...], **changes: object) -> ModelConfig:
    return tiny_config(window=windows, **changes)


def seen_by(rule: Visibility, q_pos: Sequence[int], k_pos: Sequence[int]) -> Tensor:
    return visible(rule, torch.tensor(q_pos), torch.tensor(k_pos))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@BY_WINDOWS
def test_every_layer_equals_the_oracle_under_its_own_window(
    windows: tuple[int | None, ...], rule: Visibility
) -> None:
    config = mixed(windows, rope_theta=500.0)
    ids = random_ids(config, 11)
    expected, layers = run_oracle(config, ids, rule, layer_windows=windows)
    engine = Engine(tiny_model(config))
    np.testing.assert_allclose(engine.recompute(ids, rule)[0], expected, atol=LOOSE)
    session = engine.session(visibility=rule)
    for end in (11,) if not rule.causal else (6, 10, 11):
        step = session.update(ids[:end])
        np.testing.assert_allclose(step.logits, expected[end - 1], atol=LOOSE)
    for i, layer in enumerate(layers):
        assert_layer_equals(look(step, i, queries="all"), layer, slice(None))
        shown = cell(look(step, i, queries="all"), head=1, row=10, column=2)
        assert shown.visible == layer.mask[10, 2]


KINDS: dict[str, CacheSpec] = {
    "contiguous": Contiguous(),
    "static": Static(capacity=30),
    "paged": Paged(block_size=4),
    "quantized, all within the residual": Quantized(residual=40),
}


@pytest.mark.parametrize("chunks", CHUNKS, ids=lambda chunks: f"{len(chunks)} pieces")
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@BY_WINDOWS
def test_cached_equals_recomputed_at_every_position(
    windows: tuple[int | None, ...], kind: CacheSpec, chunks: list[int]
) -> None:
    config = mixed(windows)
    model, ids = tiny_model(config), random_ids(config, 23)
    for rule in (RULES["all"], RULES["sinks"]):
        expected, _ = Engine(model).recompute(ids, rule)
        cached = feed(model, make_cache(kind, config, rule), ids, chunks, rule)
        np.testing.assert_allclose(cached, expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("kind", [*KINDS.values(), Quantized(bits=4, group=4, residual=4)], ids=str)
@BY_WINDOWS
def test_what_each_layer_sees_in_any_cache_is_its_rule(
    windows: tuple[int | None, ...], kind: CacheSpec
) -> None:
    engine = Engine(tiny_model(mixed(windows)))
    states = spy(engine)
    step = generate(engine, kind, prompt=7, steps=9).steps[-1]
    for i, state in enumerate(states[-1]):
        mask = seen_by(step.rule(i), [14], range(state.mask.shape[-1]))
        torch.testing.assert_close(state.mask, mask)
        np.testing.assert_array_equal(look(step, i).mask, mask[:, :15])
        assert (state.weights[0, :, 0, :15] > 0).tolist() == [mask[0, :15].tolist()] * 4


def test_rolling_keeps_what_the_furthest_layer_sees_and_is_refused_where_one_sees_all() -> None:
    config = mixed(WINDOWS["none full"])
    model, ids = tiny_model(config), random_ids(config, 23)
    for chunks in CHUNKS:
        cache = make_cache(Rolling(), config)
        cached = feed(model, cache, ids, chunks)
        np.testing.assert_allclose(cached, Engine(model).recompute(ids)[0], atol=TOLERANCE, rtol=0)
        assert [len(layer.pos) for layer in cache.layers] == [5] * 3
    with pytest.raises(ValueError, match=r"Rolling\(\) with window=None would evict"):
        make_cache(Rolling(), mixed(WINDOWS["one full"]))
    rule = Visibility(window=6, n_sink=1)
    model = tiny_model(mixed(WINDOWS["one full"]))
    cached = feed(model, make_cache(Rolling(), model.config, rule), ids, [5, 1, 17], rule)
    expected, _ = Engine(model).recompute(ids, rule)
    np.testing.assert_allclose(cached, expected, atol=TOLERANCE, rtol=0)


@BY_WINDOWS
def test_sequences_in_one_batch_answer_as_each_alone(windows: tuple[int | None, ...]) -> None:
    config = mixed(windows)
    model = tiny_model(config)
    texts = [random_ids(config, n, seed=n) for n in (3, 19, 8)]
    caches = [make_cache(Contiguous(), config) for _ in texts]
    for ids, cache in zip(texts, caches, strict=True):
        feed(model, cache, ids[:-1])
    merge_into_batch(caches)
    segments = [
        Segment(torch.tensor([ids[-1:]]), cache, Visibility(), [])
        for ids, cache in zip(texts, caches, strict=True)
    ]
    with torch.inference_mode():
        answers = model.feed(segments)
    for ids, segment, logits in zip(texts, segments, answers, strict=True):
        expected, _ = Engine(model).recompute(ids)
        np.testing.assert_allclose(logits[0, 0], expected[-1], atol=TOLERANCE, rtol=0)
        for state, window in zip(segment.record or [], windows, strict=True):
            mask = seen_by(Visibility(window=window), [len(ids) - 1], range(len(ids)))
            torch.testing.assert_close(state.mask, mask)


def test_sessions_that_the_scheduler_serves_together_verify() -> None:
    engine = tiny_engine(window=WINDOWS["three sizes"])
    scheduler = Scheduler("mixed")
    sessions = [engine.session() for _ in range(3)]
    steps = [
        scheduler.update(s, random_ids(engine.model.config, 5 + i)) for i, s in enumerate(sessions)
    ]
    for _ in range(12):
        steps = [scheduler.step(session) for session in sessions]
    for step in steps:
        assert verify(engine, [step.result()]).equal
    scheduler.close()


@BY_WINDOWS
def test_both_ways_agree_in_fp64_too(windows: tuple[int | None, ...]) -> None:
    engine = tiny_engine(window=windows)
    ids = random_ids(engine.model.config, 15)
    found = finish(replayed(engine.model, ids, [9, 12, 15], Visibility(), ()))
    assert found.cached.max() < 1e-9


def test_a_mask_is_made_once_for_each_rule_of_a_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tiny_engine(n_layers=6, window=(4, None, 4, 4, None, 4))
    made: list[Visibility] = []

    def counting_visible(rule: Visibility, q_pos: Tensor, k_pos: Tensor) -> Tensor:
        made.append(rule)
        return visible(rule, q_pos, k_pos)

    monkeypatch.setattr("kvcore.ops.masks.visible", counting_visible)
    for visibility, n in ((None, 2), (Visibility(window=3), 1)):
        made.clear()
        engine.session(visibility=visibility).update(random_ids(engine.model.config, 9))
        assert len(made) == n


def test_a_saved_session_goes_on_and_belongs_to_its_windows(tmp_path) -> None:
    engine = tiny_engine(window=WINDOWS["one full"])
    session = engine.session()
    session.update(random_ids(engine.model.config, 12))
    session.save(tmp_path / "mixed.safetensors")
    resumed = engine.resume(tmp_path / "mixed.safetensors")
    np.testing.assert_allclose(resumed.step().logits, session.step().logits, atol=1e-6)
    other = tiny_engine(window=WINDOWS["full first"])
    with pytest.raises(ValueError, match=r"window=\[4, None, 4\] there and \[None, 3, 3\] here"):
        other.resume(tmp_path / "mixed.safetensors")


def test_bytes_and_flops_are_what_the_formula_says() -> None:
    engine = tiny_engine(window=WINDOWS["one full"])
    session = engine.session()
    for fed, seen in ((9, 9), (1, 10)):
        with counting(engine.model) as counts:
            step = session.update(random_ids(engine.model.config, 10)[:seen])
        cost = step_cost(engine.model.config, fed=fed, seen=seen)
        assert (counts.flops, step.cache.held_bytes) == (cost.flops, cost.held_bytes)


def test_what_a_run_without_a_wider_window_costs_is_nothing() -> None:
    """Damage is counted against the model itself, whose own windows are no damage."""
    engine = tiny_engine(window=WINDOWS["none full"])
    ids = random_ids(engine.model.config, 20)
    found = damage(engine, ids, cache=Rolling(), visibility=Visibility(window=5))
    assert found.quality.mean_kl < 1e-9
    assert found.held_bytes < found.exact_bytes


def test_one_window_for_all_is_written_as_before() -> None:
    """Files that a session was saved to name their model by its config."""
    assert "window=4," in repr(tiny_config(window=4))
    assert "window=None," in repr(tiny_config())
    assert tiny_config(window=4).windows == (4, 4, 4)
    config = mixed(WINDOWS["one full"])
    assert (config.reach, mixed(WINDOWS["none full"]).reach) == (None, 5)
    prints = {fingerprint(tiny_model(mixed(windows))) for windows in WINDOWS.values()}
    assert len(prints) == len(WINDOWS)


@pytest.mark.parametrize(
    ("windows", "message"),
    [((4, None), r"window=\(4, None\) must give each of n_layers=3"), ((4, 0, 4), "window=0 must")],
)
def test_windows_that_do_not_fit_the_layers_are_refused(windows, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mixed(windows)
