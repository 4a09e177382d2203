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


# A canvas of the page, which may be two side by side, and the picture over it, pixel by pixel: the
# share of places where any colour differs by more than an eighth of its range.
_DIFFERENT = """
  const image = new Image();
  image.src = `data:image/png;base64,${a}`;
  await image.decode();
  const root = document.getElementById("place").lastElementChild.shadowRoot;
  const canvases = [...root.querySelector(b).querySelectorAll("canvas")];
  const { width, height } = image;
  const [one, other] = [0, 1].map(() => {
    const canvas = new OffscreenCanvas(width, height);
    return canvas.getContext("2d", { willReadFrequently: true });
  });
  let x = 0;
  for (const canvas of canvases) {
    one.drawImage(canvas, x, 0);
    x += canvas.width;
  }
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


def different(stage: Stage, picture: Still, theme: str, canvases: str) -> float:
    """The share of a canvas's pixels in which the picture is not as the page."""
    rules = getattr(picture, theme)
    size = stage.run(
        "const root = document.getElementById('place').lastElementChild.shadowRoot;"
        "const all = [...root.querySelector(a).querySelectorAll('canvas')];"
        "return [all.reduce((sum, each) => sum + each.offsetWidth, 0), all[0].offsetHeight]",
        canvases,
    )
    frame = f'width="{size[0]}" height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}"'
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
