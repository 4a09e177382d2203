"""A picture shows what the page shows: the same block in both, side by side in one browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

import kvcore
from kvembed.view import View
from tests.kvfront.comparing import FONTS, THEMES, different
from tests.kvfront.stage import Stage, records
from ui.still.budget import WHOLE
from ui.still.draw import Still, still
from ui.views.block import block_for

# What the lanes say, and where the pieces of their lines are.
_LANES = """
  const { shadowRoot } = document.getElementById("place").lastElementChild;
  const race = shadowRoot.querySelector(".kv-race");
  const lines = [...race.querySelectorAll(".kv-lane")].map((lane) => {
    const from = lane.getBoundingClientRect().left;
    return [...lane.querySelectorAll(".kv-lane-line > span")].map((piece) => {
      const { left, width } = piece.getBoundingClientRect();
      return [left - from, width];
    });
  });
  const said = [...race.querySelectorAll(".kv-lane, .kv-race-result, .kv-race-small")];
  return { lines, words: said.map((each) => each.innerText).join("") };
"""


LONG = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in "
    "my purse, and nothing in particular to interest me on shore"
)


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    made = Stage(browser)
    made.run(FONTS)
    yield made
    made.context.close()


def letters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


def written(picture: Still) -> str:
    root = ElementTree.fromstring(f"<svg>{picture.markup}</svg>")
    return "".join("".join(each.itertext()) for each in root.iter("text"))


@pytest.mark.parametrize(
    ("lang", "prompt"),
    [("en", "The old man and the"), ("zh", "床前明月光，疑是地上霜。举头望明月")],
    ids=["en", "zh"],
)
def test_the_picture_of_a_race_says_what_the_page_says_at_its_end(
    stage: Stage, lang: str, prompt: str
) -> None:
    decoder = kvcore.load("tiny")
    records()["race-own"] = block = block_for(View("timing", prompt), lang, decoder)[1]
    stage.style(width="600px")
    stage.mount("race", "race-own")
    stage.looks()
    page, picture = stage.run(_LANES), still("race", block, WHOLE)
    assert letters(page["words"]) == letters(written(picture))
    drawn = [float(w) for w in re.findall(r"M16 [\d.]+h([\d.]+)", picture.markup)]
    assert len(drawn) == len(page["lines"]) == 2
    for line, wide in zip(page["lines"], drawn, strict=True):
        assert len(line) == picture.tokens
        assert [width for _, width in line] == pytest.approx([wide] * len(line), abs=1)


# Of all places. In ninety pictures of the matrix it was 0.5 % at most, all of it at letters' edges.
MOST_DIFFERENT = 0.01


SEA = "The old man and the sea"
_MATRIX = [
    ("light", "en", SEA, 2, None),
    ("dark", "en", SEA, 7, None),
    ("light", "en", LONG, 5, "20.3"),
    ("dark", "zh", "床前明月光，疑是地上霜", 6, "9.2"),
]
_MATRIX_LONG = [
    (theme, lang, prompt, step, cell)
    for theme in THEMES
    for lang, prompt, cell in (("en", SEA, "3.1"), ("en", LONG, None), ("zh", "床前明月光", None))
    for step in range(1, 8)
]


@pytest.mark.parametrize(
    "case",
    [*_MATRIX, *(pytest.param(each, marks=pytest.mark.long) for each in _MATRIX_LONG)],
    ids=range(len(_MATRIX) + len(_MATRIX_LONG)),
)
def test_the_picture_of_the_matrix_is_that_of_the_page(
    stage: Stage, case: tuple[str, str, str, int, str | None]
) -> None:
    theme, lang, prompt, step, cell = case
    view = View("why-not-q", prompt, step=step, view=cell)
    records()["matrix-own"] = block = block_for(view, lang, kvcore.load("tiny"))[1]
    stage.theme(*THEMES[theme])
    stage.style(width="600px")
    stage.mount("matrix", "matrix-own")
    stage.looks()
    picture = still("matrix", block, WHOLE)
    assert different(stage, picture, theme, ".kv-heat-box") < MOST_DIFFERENT


_CACHE_VIEW = [("light", "en", SEA), ("dark", "zh", "床前明月光，疑是地上霜")]
_CACHE_VIEW_LONG = [
    (theme, lang, prompt)
    for theme in THEMES
    for lang, prompt in (
        ("en", "a"),
        ("en", "The old man and the sea and the whale and the captain"),
        ("en", LONG[:100]),
        ("zh", "鲸鱼"),
    )
]


@pytest.mark.parametrize(
    "case",
    [*_CACHE_VIEW, *(pytest.param(each, marks=pytest.mark.long) for each in _CACHE_VIEW_LONG)],
    ids=range(len(_CACHE_VIEW) + len(_CACHE_VIEW_LONG)),
)
def test_the_picture_of_the_cache_view_is_that_of_the_page_while_q_meets_every_k(
    stage: Stage, case: tuple[str, str, str]
) -> None:
    theme, lang, prompt = case
    block = block_for(View("home", prompt), lang, kvcore.load("tiny"))[1]
    records()["cache-view-own"] = block
    picture = still("cache_view", block, WHOLE)
    stage.theme(*THEMES[theme])
    # Beside the names of the lines and the column of numbers the picture has as much room.
    stage.style(width=f"{max(600 - 72, 12 * picture.tokens + 24) + 64 + 184 + 24}px")
    stage.mount("cache_view", "cache-view-own")
    stage.page.locator(".kv-still").nth(1).click()
    stage.looks()
    assert different(stage, picture, theme, ".kv-cache-view-stage", (72, 0)) < MOST_DIFFERENT


_GROWTH = [("light", "en", SEA, 5), ("dark", "zh", "床前明月光", 0)]
_GROWTH_LONG = [
    (theme, lang, prompt, step)
    for theme in THEMES
    for lang, prompt, steps in (
        ("en", SEA, range(16)),
        ("en", LONG[:100], (0, 1, 15)),
        ("zh", "床前明月光，疑是地上霜", (0, 1, 7)),
    )
    for step in steps
]


@pytest.mark.parametrize(
    "case",
    [*_GROWTH, *(pytest.param(each, marks=pytest.mark.long) for each in _GROWTH_LONG)],
    ids=range(len(_GROWTH) + len(_GROWTH_LONG)),
)
def test_the_picture_of_a_step_is_that_of_the_page_in_all_its_panels(
    stage: Stage, case: tuple[str, str, str, int]
) -> None:
    theme, lang, prompt, step = case
    block = block_for(View("growth", prompt, step=step), lang, kvcore.load("tiny"))[1]
    records()["growth-own"] = block
    picture = still("growth", block, WHOLE)
    half = (picture.width - 28) / 2
    stage.theme(*THEMES[theme])
    stage.style(width=f"{half}px")  # the panels of the page are as wide, under one another
    stage.mount("growth", "growth-own")
    stage.looks()
    # All but what may come next, which are bars of HTML.
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0)):
        panel = f".kv-pair:nth-of-type({2 + row}) .kv-panel:nth-child({1 + column})"
        far = different(stage, picture, theme, panel, (column * (half + 28), None))
        assert far < MOST_DIFFERENT, panel
