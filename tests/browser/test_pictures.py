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
from tests.browser.stage import Stage, records
from ui.still.draw import Still, still
from ui.still.room import WHOLE
from ui.views import blocks

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


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    made = Stage(browser)
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
    records()["race-own"] = block = blocks.block(View("timing", prompt), lang, decoder)[1]
    stage.style(width="600px")
    stage.mount("race")
    stage.give("race-own")
    stage.looks()
    page, picture = stage.run(_LANES), still("race", block, WHOLE)
    assert letters(page["words"]) == letters(written(picture))
    drawn = [float(w) for w in re.findall(r"M16 [\d.]+h([\d.]+)", picture.markup)]
    assert len(drawn) == len(page["lines"]) == 2
    for line, wide in zip(page["lines"], drawn, strict=True):
        assert len(line) == picture.tokens
        assert [width for _, width in line] == pytest.approx([wide] * len(line), abs=1)
