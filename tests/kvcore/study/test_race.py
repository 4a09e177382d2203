"""The race runs the same tokens both ways, side by side, and says so truly."""

from types import SimpleNamespace

import numpy as np
import pytest

from kvcore.engine.engine import Engine
from kvcore.records.step_timings import Lap, RaceResult
from kvcore.study.compare import TOLERANCE
from kvcore.study.race import WARM_UP_STEPS, race
from tests.kvcore.feeding import generate
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine

PROMPT = random_ids(tiny_config(), 6)


def laps(engine: Engine, n_tokens: int = 5, repeats: int = 3) -> list[Lap]:
    return list(race(engine, PROMPT, n_tokens, repeats))


def test_both_ways_choose_the_tokens_of_a_plain_run() -> None:
    engine = tiny_engine()
    expected = generate(engine, prompt=6, steps=5).new_ids
    ran = laps(engine)
    assert len(ran) == 15
    for repeat in range(3):
        assert tuple(lap.next_id for lap in ran if lap.repeat == repeat) == expected
    assert all(lap.same_token for lap in ran)
    assert max(lap.gap for lap in ran) <= TOLERANCE


def test_a_lap_is_one_step_both_ways_on_the_same_tokens() -> None:
    """What was fed, in order: cached, recomputed, cached, recomputed; nothing is captured."""
    engine, fed, recorded = tiny_engine(), [], []
    plain = engine.model.feed

    def feed(segments):
        [segment] = segments  # timed alone
        fed.append(segment.ids.shape[1])
        recorded.append(segment.record)
        return plain(segments)

    engine.model.feed = feed
    ran = laps(engine, repeats=2)
    repeat = [6, 6, 1, 7, 1, 8, 1, 9, 1, 10]
    assert fed == repeat[: 2 * WARM_UP_STEPS] + repeat + repeat
    assert set(recorded) == {None}
    assert [(lap.repeat, lap.index, lap.seen) for lap in ran] == [
        (repeat, index, 6 + index) for repeat in range(2) for index in range(5)
    ]
    assert all(lap.cached_seconds > 0 and lap.recomputed_seconds > 0 for lap in ran)


def test_the_result_is_a_row_a_repeat_and_a_column_a_step() -> None:
    ran = laps(tiny_engine())
    result = RaceResult.of(ran)
    np.testing.assert_array_equal(result.seen, [6, 7, 8, 9, 10])
    assert result.cached.shape == result.recomputed.shape == (3, 5)
    for lap in ran:
        assert result.cached[lap.repeat, lap.index] == lap.cached_seconds
        assert result.recomputed[lap.repeat, lap.index] == lap.recomputed_seconds
    assert result.new_ids == tuple(lap.next_id for lap in ran[:5])
    assert result.same_tokens
    assert result.gap == max(lap.gap for lap in ran)


def test_the_ratio_is_of_medians_and_leaves_the_prefill_out() -> None:
    result = RaceResult(
        seen=np.arange(3),
        cached=np.array([[9.0, 1, 1], [9, 1, 1], [9, 50, 1]]),
        recomputed=np.array([[9.0, 2, 4], [9, 2, 4], [9, 2, 90]]),
        new_ids=(1, 2, 3),
        same_tokens=True,
        gaps=np.zeros(3),
        rows=None,
    )
    assert result.decode_ratio == pytest.approx((2 + 4) / (1 + 1))
    assert result.decode_seconds == pytest.approx((1, 3)), "what is shown divides to the ratio"


def lap(repeat: int, index: int = 0, *, same: bool = True, gap: float = 0.0) -> Lap:
    return Lap(
        repeat=repeat,
        index=index,
        seen=6 + index,
        cached_seconds=1.0,
        recomputed_seconds=1.0,
        next_id=3,
        same_token=same,
        gap=gap,
    )


def test_a_different_token_in_any_lap_is_told() -> None:
    assert RaceResult.of([lap(0), lap(1)]).same_tokens
    assert not RaceResult.of([lap(0), lap(1, same=False)]).same_tokens


def test_the_gap_of_a_step_is_the_largest_of_all_repeats() -> None:
    gaps = [[0.1, 0.4], [0.3, 0.2]]
    laps = [lap(r, i, gap=gap) for r, each in enumerate(gaps) for i, gap in enumerate(each)]
    result = RaceResult.of(laps)
    np.testing.assert_array_equal(result.gaps, [0.3, 0.4])
    assert result.gap == 0.4


def test_a_race_ends_at_a_stop_id_and_at_a_full_context() -> None:
    new_ids = generate(tiny_engine(), prompt=6, steps=5).new_ids
    engine = tiny_engine()
    engine.tokenizer = SimpleNamespace(stop_ids=(new_ids[2],))
    n = new_ids.index(new_ids[2]) + 1
    assert RaceResult.of(laps(engine)).cached.shape == (3, n)
    assert RaceResult.of(laps(tiny_engine(max_seq_len=8))).cached.shape == (3, 3)


@pytest.mark.parametrize(
    ("n_tokens", "repeats", "message"),
    [(1, 1, "n_tokens=1 must be at least 2"), (2, 0, "repeats=0 must be at least 1")],
)
def test_a_race_needs_two_tokens_and_a_repeat(n_tokens: int, repeats: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        laps(tiny_engine(), n_tokens, repeats)
