"""A picture shows what the page shows: the same block in both, side by side in one browser."""

from __future__ import annotations

import base64
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


_CANVASES = """
  const root = document.getElementById("place").lastElementChild.shadowRoot;
  const canvases = [...root.querySelector(b).querySelectorAll("canvas")].map((canvas) => {
    const { left, top, right, bottom } = canvas.getBoundingClientRect();
    return { canvas, left, top, right, bottom };
  });
  const [{ left, top }] = canvases;
"""
# The canvases of the page, side by side or over one another, and the picture, place by place: the
# share of places where any colour differs by more than an eighth of its range.
_DIFFERENT = (
    f"""{_CANVASES}"""
    + """
  const image = new Image();
  image.src = `data:image/png;base64,${a}`;
  await image.decode();
  const { width, height } = image;
  const [one, other] = [0, 1].map(() => {
    const canvas = new OffscreenCanvas(width, height);
    return canvas.getContext("2d", { willReadFrequently: true });
  });
  for (const each of canvases) one.drawImage(each.canvas, each.left - left, each.top - top);
  other.drawImage(image, 0, 0);
  const [page, picture] = [one, other].map((each) => each.getImageData(0, 0, width, height).data);
  // Letters are smoothed in their own way on a canvas: of nine pixels, the mean is compared.
  let different = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const far = [0, 1, 2].some((c) => {
        let sum = 0;
        for (let dy = -1; dy < 2; dy++)
          for (let dx = -1; dx < 2; dx++) {
            const i = 4 * ((y + dy) * width + x + dx) + c;
            sum += page[i] - picture[i];
          }
        return Math.abs(sum / 9) > 32;
      });
      if (far) different += 1;
    }
  return different / (width * height);
"""
)
_FONTS = """
  const files = "/assets/fonts/ibm-plex-sans-latin";
  for (const weight of [400, 600]) {
    const face = new FontFace("Plex Sans", `url(${files}-${weight}-normal.woff2)`, {
      weight: String(weight),
    });
    document.fonts.add(await face.load());
  }
  document.body.style.setProperty("--st-font", '"Plex Sans", sans-serif');
"""
THEMES = {"light": ("#FDFDFB", "#1F2329"), "dark": ("#15171A", "#E8E9E6")}
LONG = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in "
    "my purse, and nothing in particular to interest me on shore"
)


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    made = Stage(browser)
    made.run(_FONTS)
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
    stage.mount("race", "race-own")
    stage.looks()
    page, picture = stage.run(_LANES), still("race", block, WHOLE)
    assert letters(page["words"]) == letters(written(picture))
    drawn = [float(w) for w in re.findall(r"M16 [\d.]+h([\d.]+)", picture.markup)]
    assert len(drawn) == len(page["lines"]) == 2
    for line, wide in zip(page["lines"], drawn, strict=True):
        assert len(line) == picture.tokens
        assert [width for _, width in line] == pytest.approx([wide] * len(line), abs=1)


def different(
    stage: Stage, picture: Still, theme: str, canvases: str, at: tuple[float, float] = (0, 0)
) -> float:
    """The share of places in which a part of the picture, from `at` on, is not as the page."""
    rules = getattr(picture, theme)
    wide, tall = stage.run(
        _CANVASES + "return [Math.max(...canvases.map((each) => each.right)) - left,"
        "Math.max(...canvases.map((each) => each.bottom)) - top]",
        None,
        canvases,
    )
    frame = f'width="{wide}" height="{tall}" viewBox="{at[0]} {at[1]} {wide} {tall}"'
    sheet = f"svg{{font:13px 'Plex Sans',sans-serif;background:{THEMES[theme][0]}}}{rules}"
    stage.run(
        "document.getElementById('picture')?.remove();"
        "const box = document.createElement('div'); box.id = 'picture';"
        "box.style.cssText = 'position:absolute;top:0;left:0;z-index:9;line-height:0';"
        "box.attachShadow({ mode: 'open' }).innerHTML = a; document.body.append(box)",
        f"<style>{sheet}</style><svg {frame}>{picture.markup}</svg>",
    )
    shot = stage.page.locator("#picture").screenshot()
    stage.run("document.getElementById('picture').remove()")
    found: float = stage.run(_DIFFERENT, base64.b64encode(shot).decode(), canvases)
    return found


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
    records()["matrix-own"] = block = blocks.block(view, lang, kvcore.load("tiny"))[1]
    stage.theme(*THEMES[theme])
    stage.style(width="600px")
    stage.mount("matrix", "matrix-own")
    stage.looks()
    picture = still("matrix", block, WHOLE)
    assert different(stage, picture, theme, ".kv-heat-box") < MOST_DIFFERENT


_SHELF = [("light", "en", SEA), ("dark", "zh", "床前明月光，疑是地上霜")]
_SHELF_LONG = [
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
    [*_SHELF, *(pytest.param(each, marks=pytest.mark.long) for each in _SHELF_LONG)],
    ids=range(len(_SHELF) + len(_SHELF_LONG)),
)
def test_the_picture_of_the_shelf_is_that_of_the_page_while_q_meets_every_k(
    stage: Stage, case: tuple[str, str, str]
) -> None:
    theme, lang, prompt = case
    block = blocks.block(View("home", prompt), lang, kvcore.load("tiny"))[1]
    records()["shelf-own"] = block
    picture = still("shelf", block, WHOLE)
    stage.theme(*THEMES[theme])
    # Beside the names of the lines and the column of numbers the picture has as much room.
    stage.style(width=f"{max(600 - 72, 12 * picture.tokens + 24) + 64 + 184 + 24}px")
    stage.mount("shelf", "shelf-own")
    stage.page.locator(".kv-still").nth(1).click()
    stage.looks()
    assert different(stage, picture, theme, ".kv-shelf-stage", (72, 0)) < MOST_DIFFERENT
