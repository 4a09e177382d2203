"""Cached equals recomputed: judged by what fp32 can give on that run, and by fp64 beyond it."""

import itertools
import math
import weakref

import numpy as np
import pytest
import torch

import kvcore
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.ops.resumable import finish
from kvcore.records.cache_specs import Contiguous, Quantized, Rolling
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.step_timings import RaceResult
from kvcore.study import fp64
from kvcore.study.compare import (
    ROOM,
    SHRINKS,
    TOLERANCE,
    Verdict,
    verify,
    verifying,
    verifying_race,
)
from kvcore.study.distance import Far
from kvcore.study.race import race
from tests.kvcore.feeding import generate
from tests.kvcore.study.loud import loud_engine, loud_weights
from tests.kvcore.tiny import NEEDS_FBGEMM, random_ids, tiny_engine


@pytest.fixture(scope="module")
def loud() -> Engine:
    return loud_engine()


@pytest.mark.parametrize(
    ("cache", "rule"),
    [(Contiguous(), Visibility()), (Rolling(), Visibility(window=5, n_sink=2))],
    ids=["contiguous", "rolling"],
)
def test_a_gap_that_is_rounding_is_called_so_with_both_numbers(
    loud: Engine, cache: object, rule: Visibility
) -> None:
    verdict = verify(loud, generate(loud, cache, visibility=rule, steps=8).steps)
    assert verdict.gap > TOLERANCE
    assert verdict.gap64 is not None
    assert verdict.gap64 < 1e-8
    assert verdict.equal
    assert str(verdict).endswith("only rounding")


def test_a_usual_gap_needs_no_fp64() -> None:
    engine = tiny_engine()
    verdict = verify(engine, generate(engine, steps=8).steps)
    assert verdict.gap <= TOLERANCE
    assert verdict.gap64 is None
    assert verdict.equal


@torch.inference_mode()
@pytest.mark.parametrize("make", [tiny_engine, loud_engine], ids=["quiet", "loud"])
def test_a_cache_that_went_wrong_is_never_explained_by_rounding(make) -> None:
    """The right run is equal in fp64, so what fp64 says of that cannot be all."""
    engine = make()
    session = engine.session()
    first = session.update([5, 9, 2, 7])
    assert verify(engine, [first]).equal
    session.cache[1].k[:, :, 2] += 0.5
    verdict = verify(engine, [first, session.step()])
    assert verdict.gap > 100 * TOLERANCE
    assert not verdict.equal
    assert "not equal" in str(verdict)


def test_a_gap_that_fp64_shows_too_is_no_rounding(loud: Engine) -> None:
    """Without a mask earlier tokens see later ones, which a run in steps cannot know."""
    verdict = verify(loud, generate(loud, visibility=Visibility(causal=False), steps=4).steps)
    assert verdict.gap64 > 1
    assert not verdict.equal


def test_codes_are_not_called_rounding() -> None:
    engine = tiny_engine()
    run = generate(engine, Quantized(bits=4, group=4, residual=4), steps=12)
    assert not verify(engine, run.steps).equal


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_what_is_not_a_number_is_never_equal(broken: float) -> None:
    right = {"gap": 1e-3, "gap64": 1e-12, "rounding": 1e-3, "furthest": Far(2.0, "K", 3, 1)}
    wrong = dict.fromkeys(right, broken) | {"furthest": Far(broken, "K", 3, 1)}
    assert Verdict(**right).equal
    assert not Verdict(gap=broken).equal
    for some in itertools.chain.from_iterable(itertools.combinations(right, n) for n in (1, 2, 3)):
        assert not Verdict(**(right | {name: wrong[name] for name in some})).equal, some


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_nan_in_any_step_or_lap_fails_the_run(position: int) -> None:
    """Wherever it stands: `max` of Python keeps or loses it by its place."""
    engine = tiny_engine()
    steps = list(generate(engine, steps=3).steps)
    laps = list(race(engine, random_ids(engine.model.config, 5), 3, 1))
    logits = steps[position].logits.copy()
    logits[7] = np.nan
    object.__setattr__(steps[position], "logits", logits)
    object.__setattr__(laps[position], "gap", math.nan)
    assert not verify(engine, steps).equal
    prompt = random_ids(engine.model.config, 5)
    assert not finish(verifying_race(engine, prompt, RaceResult.of(laps))).equal


def test_a_race_is_judged_as_a_run_is(loud: Engine) -> None:
    prompt = random_ids(loud.model.config, 5)
    result = RaceResult.of(list(race(loud, prompt, 4, 1)))
    verdict = finish(verifying_race(loud, prompt, result))
    assert verdict.gap == result.gap > TOLERANCE
    assert verdict.equal
    assert verdict.gap64 < 1e-8
    assert verdict.n_rows == 2 * 8 * loud.model.config.n_layers  # 5 tokens and 3 that were written
    with torch.inference_mode():
        result.rows.cache[1].v[:, :, 2] *= 1.01
    assert finish(verifying_race(loud, prompt, result)).furthest[1:] == ("V", 2, 1)


def wide(config: ModelConfig) -> Transformer:
    """The loud model, wholly in fp64."""
    weights = {name: tensor.double() for name, tensor in loud_weights(config).items()}
    return Transformer(config, weights)


def test_no_token_is_further_from_a_model_in_fp64_than_rounding_has_room_for(loud: Engine) -> None:
    config = loud.model.config
    ids = random_ids(config, 9)
    exact, _ = Engine(wide(config)).recompute(ids)
    error = np.abs(loud.recompute(ids)[0] - exact).max(1)
    found = finish(fp64.replayed(loud.model, ids, [8, 9], Visibility(), ()))
    assert (error <= ROOM * found.rounding).all()


def test_what_is_called_rounding_shrinks_with_finer_numbers(
    loud: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a mistake in the rescaling would not: the scales are no part of what is measured."""
    monkeypatch.setattr(fp64, "ULP", 0)
    monkeypatch.setattr(fp64, "COARSER", 0)
    config = loud.model.config
    in_fp32, in_fp64 = (
        finish(fp64.replayed(model, random_ids(config, 9), [8, 9], Visibility(), ())).rounding
        for model in (loud.model, wide(config))
    )
    assert (SHRINKS * in_fp64 < in_fp32).all()


@NEEDS_FBGEMM
def test_the_fast_mode_is_judged_by_the_numbers_that_it_multiplies_by() -> None:
    """Rounded to fp16 they move these logits by more than 1; that is the model, not rounding."""
    fast = loud_engine(fast=True)
    verdict = verify(fast, generate(fast, steps=8).steps)
    assert verdict.equal
    assert verdict.rounding < 1


def test_one_layer_at_a_time_is_in_fp64(loud: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    widened, plain = [], fp64._made_anew

    def watched(part: object, make: object) -> object:
        wide = plain(part, make)
        if isinstance(wide, fp64.Block) and make is fp64._in_fp64:
            assert not any(before() for before in widened), "the layer before is still there"
            widened.append(weakref.ref(wide))
        return wide

    monkeypatch.setattr(fp64, "_made_anew", watched)
    verify(loud, generate(loud, steps=3).steps)
    assert len(widened) == loud.model.config.n_layers


def test_fp64_pauses_after_every_layer_too(loud: Engine) -> None:
    pieces = verifying(loud, generate(loud, steps=3).steps)
    assert sum(1 for _ in pieces) >= 2 * loud.model.config.n_layers


@pytest.mark.parametrize(
    "text",
    ["me " * 16, "whale " * 24, "the sea " * 12, "月" * 20, "床前明月光，" * 5, "Call me Ishmael."],
)
def test_every_text_of_the_tiny_decoder_is_equal_to_its_recomputation(text: str) -> None:
    decoder = kvcore.load()
    session, ids = decoder.engine.session(), decoder.tokenizer.encode(text)
    steps = [session.update(ids[:n]) for n in range(1, len(ids) + 1)]
    assert verify(decoder.engine, steps).equal
