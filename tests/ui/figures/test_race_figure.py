"""kv.race as a page calls it: what is sent, what is refused, and where a lane is at a moment."""

from collections.abc import Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.kvfront.test_frontend_logic import run
from tests.ui.made_up import TOKENS
from tests.unfolding import unfold
from ui.figures.race import race_block, words
from ui.record.record import Record

LANES: dict[str, Sequence[Sequence[float]]] = {"cached_ms": [[1, 1]], "recomputed_ms": [[1, 1]]}


def page() -> None:
    from tests.ui.figures.test_race_figure import packed
    from ui.visit.drawing import draw_figure

    cached, recomputed = [[30.5, 10.25], [30, 10]], [[31, 32], [33, 34]]
    draw_figure("race", packed(cached_ms=cached, recomputed_ms=recomputed), key="race")


def test_both_lanes_travel_with_every_measured_step_of_every_repeat() -> None:
    at = AppTest.from_function(page, default_timeout=30).run()
    assert not at.exception
    (element,) = at.get("bidi_component")
    meta, arrays = unfold(element.proto.bytes)
    assert [token["text"] for token in meta["prompt"]] == ["a"]
    assert [token["text"] for token in meta["tokens"]] == ["<b>", "c"]
    np.testing.assert_array_equal(arrays["cached_ms"], np.float32([[30.5, 10.25], [30, 10]]))
    np.testing.assert_array_equal(arrays["recomputed_ms"], np.float32([[31, 32], [33, 34]]))


def packed(prompt: int = 1, **lanes: Sequence[Sequence[float]]) -> bytes:
    """Of the three tokens of a made-up record, those after `prompt` were written."""
    times = {name: np.array(ms, np.float32) for name, ms in (LANES | lanes).items()}
    record = Record(tokens=TOKENS, prompt=prompt, **times)
    return race_block(record, text=dict.fromkeys(words("en"), "x"))


@pytest.mark.parametrize("lane", ["cached_ms", "recomputed_ms"])
def test_a_lane_of_another_length_is_refused_with_both_counts(lane: str) -> None:
    with pytest.raises(ValueError, match=rf"{lane} is \(1, 3\), but 2 tokens"):
        packed(**{lane: [[1, 1, 1]]})


def test_lanes_with_other_numbers_of_repeats_are_refused_with_both() -> None:
    with pytest.raises(ValueError, match="2 repeats are cached and 1 recomputed"):
        packed(cached_ms=[[1, 1], [1, 1]])


@pytest.mark.parametrize("ms", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_that_nobody_can_have_measured_is_refused(ms: float) -> None:
    with pytest.raises(ValueError, match="cached_ms has a step of"):
        packed(cached_ms=[[1, ms]])


def test_a_race_of_no_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="0 tokens"):
        packed(prompt=3)


def test_a_token_is_written_when_its_step_ends_and_not_before() -> None:
    got = run(
        'const {ends, laneAt} = await import("./figures/race/clock.js");'
        "const all = ends([100, 10, 20]);"
        "tell([0, 99, 100, 105, 110, 129, 130, 999].map((at) => laneAt(all, at)))"
    )
    assert [at["done"] for at in got] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert got[1]["share"] == pytest.approx(0.99)
    assert got[3]["share"] == pytest.approx(0.5)


@pytest.mark.parametrize(("speed", "clock"), [(1, 200), (0.25, 50), (4, 800)])
def test_the_clock_runs_at_the_chosen_speed_however_the_frames_fall(
    speed: float, clock: float
) -> None:
    got = run(
        "const frames = []; globalThis.requestAnimationFrame = (act) => frames.push(act);"
        "globalThis.cancelAnimationFrame = () => {};"
        'const {Clock} = await import("./figures/race/clock.js"); const seen = [];'
        "const clock = new Clock(1000, (at, running) => seen.push([at, running]));"
        f"clock.speed = {speed}; clock.play();"
        "for (const now of [5000, 5007, 5160, 5200]) frames.pop()(now);"
        "tell({seen: [...seen], end: (frames.pop()(99999), [clock.elapsed, clock.running])})"
    )
    assert got["seen"][-1] == [clock, True]
    assert got["end"] == [1000, False]
