"""The verdict of /timing on a run: only what its times allow, in both languages."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from kvcore import Lap, RaceResult
from kvcore.records.step_timings import EQUAL, LITTLE
from kvembed.contract import MAX_PROMPT_TOKENS
from kvembed.languages import LANGUAGES
from tests.kvfront.test_frontend_logic import pytestmark as needs_node
from tests.kvfront.test_frontend_logic import run
from tests.opening import Open, results
from ui.served import runs
from ui.views.race import LENGTHS, REPEATS
from ui.visit.timings import next_steps

SAID = {
    "slower": ("The cached way was slower in this run.", "这一次，有缓存反而更慢。"),
    "equal": ("The two ways took about the same time", "这一次，两种办法的时间差不多"),
    "little": ("The cache gained little in this run.", "这一次，缓存带来的加速不大。"),
    "faster": ("The cache made the tokens after the prefill faster", "有缓存更快。"),
}


def laps(*ratios: float, n_tokens: int = 8) -> list[Lap]:
    """A repeat for each ratio of recomputed to cached seconds of its decode steps."""
    return [
        Lap(
            repeat=repeat,
            index=index,
            seen=5 + index,
            cached_seconds=1e-3,
            recomputed_seconds=1e-3 * (ratio if index else 1),  # the prefill is no part of it
            next_id=7,
            same_token=True,
            gap=0.0,
        )
        for repeat, ratio in enumerate(ratios)
        for index in range(n_tokens)
    ]


def result(*ratios: float, n_tokens: int = 8) -> RaceResult:
    return RaceResult.of(laps(*ratios, n_tokens=n_tokens))


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ((0.67,), "slower"),
        ((0.67, 0.7, 0.9), "slower"),
        ((1 - 1.01 * EQUAL,), "slower"),
        ((1 - 0.99 * EQUAL,), "equal"),
        ((1.0,), "equal"),
        ((1 + 0.99 * EQUAL,), "equal"),
        ((1 + 1.01 * EQUAL,), "little"),
        ((0.99 * LITTLE,), "little"),
        ((LITTLE,), "faster"),
        ((7.0, 7.5, 6.5), "faster"),
        ((0.9, 1.5, 1.6), "equal"),  # the spread of the repeats holds 1
        ((0.6, 0.7, 1.01), "equal"),
        ((1.1, 1.5, 1.6), "faster"),
    ],
)
def test_a_run_is_called_what_its_times_and_their_spread_allow(
    ratios: tuple[float, ...], verdict: str
) -> None:
    found = result(*ratios)
    assert found.verdict == verdict
    np.testing.assert_allclose(found.decode_ratios, ratios)


@pytest.fixture
def timed(site: Open, monkeypatch: pytest.MonkeyPatch):
    """The page after a run with these ratios, one a repeat."""

    def page(lang: str, *ratios: float, n_tokens: int = 8, prompt: str = "The old man") -> AppTest:
        made = laps(*ratios, n_tokens=n_tokens)
        monkeypatch.setattr(runs, "laps", lambda *_asked: iter(made))
        app = site("timing.py", lang=lang, prompt=prompt, view=f"{n_tokens}x{len(ratios)}")
        return app.button(key="run").click().run()

    return page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [((0.67,), "slower"), ((1.02,), "equal"), ((1.1,), "little"), ((3.0, 3.2, 3.1), "faster")],
)
def test_the_page_says_the_verdict_of_the_run_and_no_other(
    timed, lang: str, ratios: tuple[float, ...], verdict: str
) -> None:
    app = timed(lang, *ratios)
    assert not app.exception
    (said,) = (info.value for info in app.info)
    for name, texts in SAID.items():
        assert (texts[lang == "zh"] in said) == (name == verdict)
    speed_up = results(app)[{"en": "Speed-up", "zh": "加速比"}[lang]]
    assert speed_up == f"{float(np.median(ratios)):.2f}×"
    assert any(
        {"en": "without the prefill", "zh": "不含预填充"}[lang] in c.value for c in app.caption
    )
    assert ("3.00" in said) == (len(ratios) > 1), "one repeat has no spread"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobody_is_asked_for_more_than_the_page_offers(timed, lang: str) -> None:
    more, longer, repeats = {
        "en": ("more tokens", "Try a longer prompt", "Add repeats"),
        "zh": ("多写", "换一段长一些", "多跑几轮"),
    }[lang]

    def told(app: AppTest) -> str:
        return " ".join(each.value for each in (*app.info, *app.markdown))

    few = told(timed(lang, 1.1))
    assert all(words in few for words in (more, longer, repeats))
    most = (1.1,) * REPEATS[-1]
    full = told(timed(lang, *most, n_tokens=LENGTHS[-1], prompt="a " * 2 * MAX_PROMPT_TOKENS))
    assert not any(words in full for words in (more, longer, repeats))


def test_a_model_that_stopped_early_has_no_more_tokens_to_write() -> None:
    assert "next-tokens" in next_steps(result(2.0, n_tokens=LENGTHS[0]))
    assert "next-tokens" not in next_steps(result(2.0, n_tokens=LENGTHS[0] + 3))


@needs_node
def test_a_race_is_slowed_down_until_its_slow_lane_takes_about_four_seconds() -> None:
    lasts = [0.5, 3, 12, 40, 41.3, 333, 999, 1500, 2600]
    got = run(
        'const {speeds, named} = await import("./figures/race/clock.js");'
        f"tell({lasts}.map((ms) => [ms / speeds(ms)[0], speeds(ms), named(speeds(ms)[0])]))"
    )
    for (takes, speeds, name), ms in zip(got, lasts, strict=True):
        assert 2600 <= takes <= 5400
        assert 1 in speeds, "true speed is there"
        assert takes == pytest.approx(ms * name["factor"])
        assert name["name"] == "slow"


@needs_node
def test_a_race_that_a_person_sees_keeps_its_true_speed() -> None:
    got = run(
        'const {speeds, named} = await import("./figures/race/clock.js");'
        "tell([2700, 4000, 60000].map((ms) => [speeds(ms)[0], speeds(ms).map(named)]))"
    )
    for first, names in got:
        assert first == 1
        assert [(each["name"], each["factor"]) for each in names] == [
            ("true", 1),
            ("slow", 4),
            ("fast", 4),
        ]
