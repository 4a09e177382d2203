"""Which rows of K and V change between two runs, and how far cached and recomputed are apart."""

import dataclasses

import numpy as np
import pytest

from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import NoCache
from kvcore.records.config import Visibility
from kvcore.records.trace import Recording
from kvcore.study.compare import TOLERANCE, changed_rows, max_gap, verify
from tests.kvcore.feeding import generate
from tests.kvcore.tiny import HEADS, random_ids, tiny_engine

SAME = 1e-5  # relative: rounding alone
N_TOKENS = 12


@pytest.fixture(params=HEADS)
def engine(request: pytest.FixtureRequest) -> Engine:
    return tiny_engine(request.param)


def recording(engine: Engine, ids: list[int], causal: bool = True) -> Recording:
    return engine.recompute(ids, Visibility(causal=causal))[1]


def both(engine: Engine, a: Recording, b: Recording) -> list[np.ndarray]:
    change = changed_rows(a, b, engine.model.config.n_kv_heads)
    assert change.k.shape == change.v.shape == (3, min(a.n_tokens, b.n_tokens))
    return [change.k, change.v]


def test_a_token_more_changes_no_earlier_row_under_the_mask(engine: Engine) -> None:
    ids = random_ids(engine.model.config, N_TOKENS)
    for change in both(engine, recording(engine, ids[:-1]), recording(engine, ids)):
        assert change.max() < SAME


def test_a_token_more_changes_every_row_from_layer_1_on_without_the_mask(engine: Engine) -> None:
    """Layer 0 reads the tokens alone; each later layer has seen the new one."""
    ids = random_ids(engine.model.config, N_TOKENS)
    shorter, longer = (recording(engine, x, causal=False) for x in (ids[:-1], ids))
    for change in both(engine, shorter, longer):
        assert change[0].max() < SAME
        assert change[1:].min() > 100 * SAME


@pytest.mark.parametrize("pos", [0, 5, N_TOKENS - 1])
def test_an_edited_token_changes_its_cell_in_layer_0_and_the_suffix_deeper(
    engine: Engine, pos: int
) -> None:
    ids = random_ids(engine.model.config, N_TOKENS)
    edited = [*ids[:pos], (ids[pos] + 1) % engine.model.config.vocab_size, *ids[pos + 1 :]]
    for change in both(engine, recording(engine, ids), recording(engine, edited)):
        moved = change > 100 * SAME
        expected = np.zeros_like(moved)
        expected[0, pos] = True
        expected[1:, pos:] = True
        np.testing.assert_array_equal(moved, expected)
        assert change[~expected].max(initial=0) < SAME, "nothing before it may move"


def test_the_change_is_the_relative_length_of_the_difference(engine: Engine) -> None:
    """K of one token in one layer doubled is a change of 1, and touches no other cell."""
    config = engine.model.config
    a = recording(engine, random_ids(config, 6))
    [chunk] = a.chunks
    qkv = chunk.qkv.copy()
    qkv[1, 4, config.n_heads : config.n_heads + config.n_kv_heads] *= 2
    qkv[1, :, : config.n_heads] = 9  # q is not part of the comparison
    b = Recording(chunks=(dataclasses.replace(chunk, qkv=qkv),))
    k, v = both(engine, a, b)
    assert k[1, 4] == pytest.approx(1)
    assert np.delete(k.ravel(), 6 + 4).max() == 0
    assert v.max() == 0


@pytest.mark.parametrize("cache", [None, NoCache()], ids=["cached", "recomputed"])
def test_verifying_a_run_gives_the_largest_gap_to_a_recomputed_one(
    engine: Engine, cache: NoCache | None
) -> None:
    steps = generate(engine, cache, steps=8).steps
    gap = verify(engine, steps).gap
    assert gap <= TOLERANCE
    logits, _ = engine.recompute(steps[-1].ids)
    assert gap == max(max_gap(step.logits, logits[len(step.ids) - 1]) for step in steps)


def test_verifying_an_unmasked_recomputed_step_uses_its_own_visibility(engine: Engine) -> None:
    session = engine.session(visibility=Visibility(causal=False))
    assert verify(engine, [session.update([5, 9, 2, 7])]).equal


def test_a_step_of_another_run_cannot_be_verified_with_it(engine: Engine) -> None:
    step, other = (engine.session().update(ids) for ids in ([5, 9, 2, 7], [5, 9, 3]))
    with pytest.raises(ValueError, match="step 0 is not of this run"):
        verify(engine, [other, step])
