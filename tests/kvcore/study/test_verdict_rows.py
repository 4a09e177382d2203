"""A damaged row of the cache, or logits that were moved, are never explained by rounding."""

from pathlib import Path

import numpy as np
import pytest
import torch

import kvcore
from kvcore.bench.rounding import texts
from kvcore.engine.engine import Engine
from kvcore.engine.session import Session
from kvcore.ops.resumable import finish
from kvcore.ops.rope import apply_rope, rotation
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
from kvcore.records.trace import Step
from kvcore.study.compare import ROOM, TOLERANCE, verify
from tests.kvcore.study.loud import loud_engine
from tests.kvcore.tiny import random_ids

N_TOKENS = 12
TEXTS = {"amplifying": " ".join(["me"] * 16), "ordinary": "The capital of France is a city that"}


def zeroed(rows: torch.Tensor, pos: int) -> None:
    rows[:, :, pos] = 0


def larger_by_a_hundredth(rows: torch.Tensor, pos: int) -> None:
    rows[:, :, pos] *= 1.01


def of_the_next_token(rows: torch.Tensor, pos: int) -> None:
    rows[:, :, pos] = rows[:, :, pos + 1]


def swapped_heads(rows: torch.Tensor, pos: int) -> None:
    rows[:, :, pos] = rows[:, :, pos].flip(1)


DAMAGE = [zeroed, larger_by_a_hundredth, of_the_next_token, swapped_heads]


def run(engine: Engine, ids: list[int], spoil=None, **options: object) -> list[Step]:
    """A prefill of half of `ids`, then a token at a time; `spoil` comes before the last step."""
    session = engine.session(capture=False, **options)
    half = max(1, len(ids) // 2)
    steps = [session.update(ids[:n]) for n in range(half, len(ids))]
    with torch.inference_mode():
        if spoil:
            spoil(session)
    return [*steps, session.update(ids)]


def spoiling(damage, name: str, layer: int, pos: int):
    return lambda session: damage(getattr(session.cache[layer], name), pos)


def turned_for(at: int, layer: int, pos: int):
    """The key at `pos` as if it had been rotated for the position `at`."""

    def spoil(session: Session) -> None:
        turn = rotation(torch.tensor([at - pos]), session.engine.model.frequencies)
        k = session.cache[layer].k[:, :, pos]
        k.copy_(apply_rope(k, turn))

    return spoil


@pytest.fixture(scope="module")
def loud() -> Engine:
    return loud_engine()


@pytest.mark.parametrize("pos", [0, 5, N_TOKENS - 3])
@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("name", ["k", "v"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_row_is_named(loud: Engine, damage, name: str, layer: int, pos: int) -> None:
    """The first that is wrong, and not one of those that were computed from it."""
    ids = random_ids(loud.model.config, N_TOKENS)
    verdict = verify(loud, run(loud, ids, spoiling(damage, name, layer, pos)))
    assert not verdict.equal
    assert verdict.furthest[1:] == (name.upper(), pos, layer)
    assert f"{name.upper()} of token {pos} in layer {layer}" in str(verdict)


@pytest.mark.parametrize("layer", [0, 2])
def test_a_key_that_is_rotated_for_the_next_position_is_named(loud: Engine, layer: int) -> None:
    ids = random_ids(loud.model.config, N_TOKENS)
    verdict = verify(loud, run(loud, ids, turned_for(5, layer, 4)))
    assert verdict.furthest[1:] == ("K", 4, layer)


def test_a_row_of_the_text_before_an_edit_is_named(loud: Engine) -> None:
    ids = random_ids(loud.model.config, N_TOKENS)

    def stale(session: Session) -> None:
        edited = [*ids[:4], (ids[4] + 1) % 100, *ids[5:]]
        other = loud.session()
        other.update(edited)
        session.cache[1].v[:, :, 4] = other.cache[1].v[:, :, 4]

    assert verify(loud, run(loud, ids, stale)).furthest[1:] == ("V", 4, 1)


KINDS: dict[str, tuple[CacheSpec, Visibility]] = {
    "contiguous": (Contiguous(), Visibility()),
    "static": (Static(capacity=32), Visibility()),
    "paged": (Paged(block_size=4), Visibility()),
    "rolling": (Rolling(), Visibility(window=5, n_sink=2)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_every_exact_kind_are_compared(loud: Engine, kind: str) -> None:
    cache, rule = KINDS[kind]
    ids = random_ids(loud.model.config, N_TOKENS)
    options = {"cache": cache, "visibility": rule}
    steps = run(loud, ids, **options)
    verdict = verify(loud, steps)
    assert verdict.equal
    assert verdict.n_rows == 2 * len(steps[-1].rows.copied()[0].pos) * loud.model.config.n_layers

    def spoil(session: Session) -> None:
        layer = session.cache[2]
        where = layer.pool.kv[2, 1, :, layer.table.blocks[0]] if kind == "paged" else layer.v[0]
        where[:, 1] *= 1.01

    verdict = verify(loud, run(loud, ids, spoil, **options))
    assert verdict.furthest[1:] == ("V", 1, 2)


def test_codes_are_rows_that_rounding_does_not_explain(loud: Engine) -> None:
    ids = random_ids(loud.model.config, N_TOKENS)
    verdict = verify(loud, run(loud, ids, cache=Quantized(bits=8, group=4, residual=4)))
    assert not verdict.equal
    assert verdict.furthest.what in "KV"


@pytest.mark.parametrize("moved", [1, -1])
def test_logits_that_were_moved_are_named(loud: Engine, moved: int) -> None:
    ids = random_ids(loud.model.config, N_TOKENS)
    steps = run(loud, ids)
    by = moved * 3 * ROOM * verify(loud, steps).rounding
    object.__setattr__(steps[2], "logits", steps[2].logits + np.float32(by))
    assert verify(loud, steps).furthest[1:] == ("logits", len(steps[2].ids) - 1, None)


def test_rows_are_those_that_the_cache_held_when_the_check_began(loud: Engine) -> None:
    """A session that goes on meanwhile changes nothing."""
    session = loud.session()
    ids = random_ids(loud.model.config, N_TOKENS)
    steps = [session.update(ids[:6]), session.update(ids)]
    pieces = kvcore.verifying(loud, steps)
    next(pieces)
    session.update([*ids[:2], 9, 9, 9, 9, 9])
    assert finish(pieces).n_rows == 2 * len(ids) * loud.model.config.n_layers


def test_of_a_cache_that_has_gone_on_the_rows_of_the_step_are_compared(loud: Engine) -> None:
    session = loud.session()
    ids = random_ids(loud.model.config, N_TOKENS)
    step = session.update(ids[:6])
    session.update(ids)
    verdict = verify(loud, [step])
    assert verdict.equal
    assert verdict.n_rows in (0, 2 * 6 * loud.model.config.n_layers)
    assert len(step.rows.copied()[0].pos) == 6


@pytest.mark.parametrize("cache", [Contiguous(), NoCache()], ids=["forgotten", "none"])
def test_where_there_are_no_rows_it_is_said_that_logits_alone_were_compared(
    loud: Engine, cache: CacheSpec
) -> None:
    session = loud.session(cache=cache)
    ids = random_ids(loud.model.config, N_TOKENS)
    steps = [session.update(ids[:n]) for n in range(4, len(ids))]
    session.update([ids[0], 9, 9])
    assert steps[-1].rows.copied() is None
    verdict = verify(loud, steps)
    assert verdict.equal
    if verdict.gap > TOLERANCE:
        assert str(verdict).endswith("only rounding, by the logits alone")


@pytest.fixture(scope="module")
def smollm2(smollm2_folder: Path) -> kvcore.Decoder:
    return kvcore.load(smollm2_folder)


@pytest.mark.long
@pytest.mark.parametrize("at", ["first", "middle", "last"])
@pytest.mark.parametrize("layer", [0, 15, 29])
@pytest.mark.parametrize("text", TEXTS)
def test_a_damaged_row_of_smollm2_is_named_or_moves_no_logit(
    smollm2: kvcore.Decoder, text: str, layer: int, at: str
) -> None:
    """As far as TOLERANCE no row is looked at. Beyond, a text that amplifies hides none."""
    engine, ids = smollm2.engine, smollm2.tokenizer.encode(TEXTS[text])
    pos = {"first": 0, "middle": 3, "last": len(ids) - 3}[at]
    spoils = {
        "K zeroed": spoiling(zeroed, "k", layer, pos),
        "V zeroed": spoiling(zeroed, "v", layer, pos),
        "K of another": spoiling(of_the_next_token, "k", layer, pos),
        "K turned": turned_for(pos + 1, layer, pos),
        "V larger": spoiling(larger_by_a_hundredth, "v", layer, pos),
    }
    for damage, spoil in spoils.items():
        verdict = verify(engine, run(engine, ids, spoil))
        assert (verdict.gap > TOLERANCE) or text == "ordinary", damage
        if verdict.gap > TOLERANCE:
            assert verdict.furthest[1:] == (damage[0], pos, layer), damage
            assert not verdict.equal, damage


@pytest.mark.long
@pytest.mark.parametrize("by", [0.2, -0.2])
def test_logits_of_smollm2_moved_by_a_fifth_are_named(smollm2: kvcore.Decoder, by: float) -> None:
    engine, ids = smollm2.engine, smollm2.tokenizer.encode(TEXTS["amplifying"])
    steps = run(engine, ids)
    object.__setattr__(steps[-1], "logits", steps[-1].logits + np.float32(by))
    assert verify(engine, steps).furthest[1:] == ("logits", len(ids) - 1, None)


@pytest.mark.long
@pytest.mark.parametrize("kind", texts())
def test_no_honest_run_of_smollm2_is_red(smollm2: kvcore.Decoder, kind: str) -> None:
    for text in texts()[kind][::5]:
        ids = smollm2.tokenizer.encode(text)
        verdict = verify(smollm2.engine, run(smollm2.engine, ids))
        assert verdict.equal, (text, str(verdict))
