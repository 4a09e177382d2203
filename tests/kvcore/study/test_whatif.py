"""Runs that are wrong on purpose: wrong as they say, and nothing of it in an ordinary run."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kvcore.cache import KVCache, make_cache
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.engine.engine import Engine
from kvcore.ops.attention import attend
from kvcore.ops.masks import hiding, visible
from kvcore.records.cache_specs import Contiguous
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.study.whatif import (
    KeyAtWrongPosition,
    KeyRotatedTwice,
    KRowDropped,
    MaskInWrongCorner,
    MaskOff,
    OldQDropped,
    StaleRow,
    VRowDropped,
    WhatIf,
    WhatIfResult,
    what_if,
)
from kvcore.study.whatif.layers import faulty
from tests.kvcore import oracle
from tests.kvcore.tiny import HEADS, random_ids, run_oracle, tiny_config, tiny_engine

N_PROMPT, N_TOKENS, POS, AT, OLD_ID = 7, 5, 2, 9, 50
N_FED = N_PROMPT + N_TOKENS - 1
MOVED = 1e-3  # relative; rounding moves a row by 1e-5 at most
TOLERANCE = 1e-4

ROWS = [
    KeyAtWrongPosition(pos=POS, at=AT),
    KeyRotatedTwice(pos=POS),
    KRowDropped(pos=POS),
    VRowDropped(pos=POS),
    StaleRow(pos=POS, old_id=OLD_ID),
]
WRONG = [MaskOff(), MaskInWrongCorner(), *ROWS]
EVERY = [*WRONG, OldQDropped()]
every_spec = pytest.mark.parametrize("spec", EVERY, ids=lambda spec: type(spec).__name__)


def prompt(engine: Engine) -> list[int]:
    return random_ids(engine.model.config, N_PROMPT)


def result(spec: WhatIf, heads: str = "GQA") -> WhatIfResult:
    engine = tiny_engine(heads)
    return what_if(engine, prompt(engine), spec, N_TOKENS)


def edited(ids: list[int]) -> list[int]:
    """The text before the edit."""
    return [*ids[:POS], OLD_ID, *ids[POS + 1 :]]


def in_the_oracle(spec: WhatIf) -> Callable[[oracle.OracleLayer], None]:
    """The same mistake, made in the oracle's own arrays."""

    def rotated(layer: oracle.OracleLayer, by: int) -> None:
        for key in layer.k:
            key[POS] = oracle.rope(key[POS], by, 10_000.0)

    def mask_off(layer: oracle.OracleLayer) -> None:
        layer.mask[:N_PROMPT, :N_PROMPT] = True  # later tokens see what the cache holds by then

    def wrong_corner(layer: oracle.OracleLayer) -> None:
        layer.mask[N_PROMPT:, 1:] = False

    def zeros(rows: str) -> Callable[[oracle.OracleLayer], None]:
        return lambda layer: getattr(layer, rows)[:, POS].fill(0)

    mistakes: dict[type, Callable[[oracle.OracleLayer], None]] = {
        MaskOff: mask_off,
        MaskInWrongCorner: wrong_corner,
        KeyAtWrongPosition: lambda layer: rotated(layer, AT - POS),
        KeyRotatedTwice: lambda layer: rotated(layer, POS),
        KRowDropped: zeros("k"),
        VRowDropped: zeros("v"),
    }
    return mistakes.get(type(spec), lambda layer: None)


@every_spec
@pytest.mark.parametrize("heads", HEADS)
def test_the_wrong_run_equals_an_oracle_that_makes_the_same_mistake(
    spec: WhatIf, heads: str
) -> None:
    config = tiny_config(heads)
    ran = result(spec, heads)
    text = [*ran.prompt_ids, *ran.right_ids[:-1]]
    stale = isinstance(spec, StaleRow)
    expected, _ = run_oracle(config, edited(text) if stale else text, wrong=in_the_oracle(spec))
    np.testing.assert_allclose(ran.wrong, expected[N_PROMPT - 1 :], atol=TOLERANCE, rtol=0)


@every_spec
def test_the_right_run_is_an_ordinary_one(spec: WhatIf) -> None:
    engine = tiny_engine()
    run = RunConfig(sampling=SamplingParams(max_new_tokens=N_TOKENS))
    before = engine.generate(prompt(engine), run)
    ran = what_if(engine, prompt(engine), spec, N_TOKENS)
    logits = [step.logits for step in before.steps]
    np.testing.assert_allclose(ran.right, logits, atol=TOLERANCE, rtol=0)
    assert ran.right_ids == before.new_ids
    after = engine.generate(prompt(engine), run)  # and the wrong one left nothing behind
    np.testing.assert_array_equal(logits, [step.logits for step in after.steps])


def test_an_ordinary_run_has_ordinary_layers() -> None:
    engine = tiny_engine()
    what_if(engine, prompt(engine), KeyRotatedTwice(pos=POS), N_TOKENS)
    session = engine.session()
    session.update(prompt(engine))
    assert {type(layer) for layer in session.cache.layers} == {ContiguousLayer}


def expected_cells(spec: WhatIf) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of K and of V change: (L, S) each."""
    k, v = np.zeros((2, 3, N_FED), dtype=bool)
    if isinstance(spec, MaskOff):
        # What the last token of the prompt saw in layer 0 is what it should see, and so for all
        # tokens after it. One layer on, the rows that they see are wrong.
        k[1, : N_PROMPT - 1] = v[1, : N_PROMPT - 1] = True
        k[2:], v[2:] = True, True
    elif isinstance(spec, MaskInWrongCorner):
        k[1:, N_PROMPT:] = v[1:, N_PROMPT:] = True
    elif not isinstance(spec, OldQDropped):
        k[0, POS] = not isinstance(spec, VRowDropped)
        v[0, POS] = isinstance(spec, VRowDropped | StaleRow)
        k[1:, POS:] = v[1:, POS:] = True
    return k, v


@every_spec
def test_layer_0_shows_the_row_that_is_wrong_and_deeper_layers_all_that_read_it(
    spec: WhatIf,
) -> None:
    change = result(spec).change
    for moved, expected in zip((change.k, change.v), expected_cells(spec), strict=True):
        np.testing.assert_array_equal(moved > MOVED, expected)
        assert moved[~expected].max(initial=0) < 1e-5


@pytest.mark.parametrize("spec", WRONG, ids=lambda spec: type(spec).__name__)
def test_every_mistake_moves_the_logits_of_every_step_it_touches(spec: WhatIf) -> None:
    ran = result(spec)
    gaps = np.array(ran.gaps)
    np.testing.assert_array_equal(gaps, np.abs(ran.wrong - ran.right).max(1))
    if isinstance(spec, MaskInWrongCorner):  # as many queries as keys in the prefill
        assert gaps[0] == 0
        gaps = gaps[1:]
    assert gaps.min() > 1e-2


def test_dropping_every_old_q_changes_nothing_at_all() -> None:
    ran = result(OldQDropped())
    np.testing.assert_array_equal(ran.wrong, ran.right)
    assert ran.gaps == (0.0,) * N_TOKENS
    assert ran.first_difference is None
    assert ran.written == ran.right_ids
    assert ran.change.most == 0


def test_a_key_at_position_0_can_be_rotated_any_number_of_times() -> None:
    assert result(KeyRotatedTwice(pos=0)).gaps == (0.0,) * N_TOKENS


def test_a_key_rotated_twice_is_a_key_at_twice_its_position() -> None:
    twice, moved = (
        result(spec) for spec in (KeyRotatedTwice(pos=3), KeyAtWrongPosition(pos=3, at=6))
    )
    np.testing.assert_array_equal(twice.wrong, moved.wrong)


def test_a_model_without_rope_cannot_rotate_a_key_twice() -> None:
    engine = tiny_engine(nope_layers=(0, 1, 2))
    assert what_if(engine, prompt(engine), KeyRotatedTwice(pos=POS)).gaps == (0.0,) * 8


def test_a_lost_key_is_another_mistake_than_a_lost_value() -> None:
    k, v = (result(spec) for spec in (KRowDropped(pos=POS), VRowDropped(pos=POS)))
    assert np.abs(k.wrong - v.wrong).max() > 1e-2


def test_one_stale_row_makes_the_model_go_on_with_the_text_before_the_edit() -> None:
    engine = tiny_engine()
    ran = what_if(engine, prompt(engine), StaleRow(pos=POS, old_id=OLD_ID), N_TOKENS)
    run = RunConfig(sampling=SamplingParams(max_new_tokens=N_TOKENS))
    assert ran.written == engine.generate(edited(prompt(engine)), run).new_ids
    old, _ = engine.recompute(edited([*ran.prompt_ids, *ran.right_ids[:-1]]))
    np.testing.assert_allclose(ran.wrong, old[N_PROMPT - 1 :], atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize(("T", "S"), [(1, 1), (1, 6), (2, 5), (4, 4)])
def test_the_wrong_corner_is_where_pytorch_puts_is_causal(T: int, S: int) -> None:
    engine = tiny_engine("MHA")
    rng = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(1, 4, n, 12, generator=rng) for n in (T, S, S))
    plain = make_cache(Contiguous(), engine.model.config)
    [layer, *_] = faulty(plain, engine.model, MaskInWrongCorner())
    start = S - T
    layer.update(k[:, :, :start], v[:, :, :start], torch.arange(start))
    view = layer.update(k[:, :, start:], v[:, :, start:], torch.arange(start, S))
    mask = visible(Visibility(), torch.arange(start, S), view.pos)
    *_, z = attend(q, view.k, view.v, hiding(mask))
    theirs = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(z, theirs, atol=1e-5, rtol=0)


@every_spec
def test_the_texts_part_at_the_first_step_that_chooses_another_token(spec: WhatIf) -> None:
    ran = result(spec)
    parted = [a != b for a, b in zip(ran.written, ran.right_ids, strict=True)]
    assert ran.first_difference == (parted.index(True) if any(parted) else None)
    if ran.first_difference is not None:
        assert (
            ran.wrong_ids[: ran.first_difference + 1] == (ran.written[: ran.first_difference + 1])
        )


def test_some_mistakes_change_the_text_and_some_do_not() -> None:
    """Or the test above would hold for want of an example."""
    differences = {result(spec).first_difference for spec in EVERY}
    assert None in differences
    assert len(differences) > 2


@torch.inference_mode()
def test_a_faulty_layer_keeps_the_rows_that_it_hides() -> None:
    """The fault is in what is read: take it away and the run is right again."""
    engine = tiny_engine()
    ids = prompt(engine)
    stored = make_cache(Contiguous(), engine.model.config)
    engine.model(torch.tensor([ids[:-1]]), stored, Visibility())
    wrong = KVCache(faulty(stored, engine.model, VRowDropped(pos=POS)))
    engine.model(torch.tensor([ids[-1:]]), wrong, Visibility())
    assert wrong.seq_len == N_PROMPT
    assert wrong.snapshot().held_bytes == stored.snapshot().held_bytes > 0
    wrong.crop(N_PROMPT - 1)
    again = engine.model(torch.tensor([ids[-1:]]), stored, Visibility())[0, -1].numpy()
    np.testing.assert_allclose(again, engine.recompute(ids)[0][-1], atol=TOLERANCE, rtol=0)


@every_spec
def test_specs_and_results_cannot_be_written(spec: WhatIf) -> None:
    ran = result(spec)
    for array in (ran.right, ran.wrong, ran.change.k, ran.change.v):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        ran.written = ()
    assert hash(spec) == hash(dataclasses.replace(spec))


@pytest.mark.parametrize(
    ("ids", "spec", "n_tokens", "message"),
    [
        ([3], MaskOff(), 4, "1 token has no past to get wrong: give at least 2"),
        ([3, 4, 5], MaskOff(), 0, "n_tokens=0 must be at least 1"),
        ([3] * 250, MaskOff(), 8, "250 tokens and 8 more do not fit .*=256: write at most 7"),
        ([3, 4, 5], KRowDropped(pos=2), 4, "pos=2 must be from 0 to 1: an old token"),
        ([3, 4, 5], StaleRow(pos=9, old_id=0), 4, "pos=9 must be from 0 to 1: an old token"),
        ([3, 4, 5], KeyAtWrongPosition(pos=0, at=256), 4, "at=256 must be from 0 to 255"),
        ([3, 4, 5], StaleRow(pos=0, old_id=104), 4, "old_id=104 must be from 0 to 103"),
    ],
)
def test_what_cannot_be_run_is_refused_with_both_numbers(
    ids: list[int], spec: WhatIf, n_tokens: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        what_if(tiny_engine(), ids, spec, n_tokens)


def test_a_prompt_may_fill_the_model_to_its_last_position() -> None:
    engine = tiny_engine(max_seq_len=N_FED)
    assert what_if(engine, prompt(engine), MaskOff(), N_TOKENS).change.k.shape == (3, N_FED)
