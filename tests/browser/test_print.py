"""A page on paper: all of it, nothing over anything else, nothing past the edge, no empty sheet."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browsing import Visit, open_all, still

Open = Callable[..., Visit]
PAGES = ("", "why-not-q?step=7", "growth?step=9", "timing?view=8x1")
CASES = [("growth?step=9", "en"), ("growth?step=9", "zh"), ("", "en"), ("timing?view=8x1", "en")]
PROMPTS = {"en": "The+old+man+and+the", "zh": "床前明月光"}
A4 = (718, 1047)  # px, within margins of 1 cm
# What holds no other of them and is to be seen, as rectangles, in every shadow root.
PARTS = """() => {
  const CHART = ".js-plotly-plot"
  const PARTS = "h1, h2, h3, p, li, th, td, dt, dd, canvas, summary, pre, img, .kv-legend, " + CHART
  const found = []
  const walk = (root, hidden) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot)
      if (!node.matches(PARTS) || node.querySelector(PARTS)) continue
      if (node.parentElement?.closest(CHART)) continue
      if (node.closest(".kv-hidden, .kv-cache-view-moving, .site-unseen")) continue
      if (node.closest("[aria-hidden=true]")) continue
      if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
      const { left, top, right, bottom } = node.getBoundingClientRect()
      if (right - left < 2 || bottom - top < 2) continue
      found.push([`${node.localName}.${node.className} ${node.textContent.slice(0, 30)}`,
        [left, top, right, bottom]])
    }
  }
  walk(document.body)
  return found
}"""


def opened(site: str, visit: Open, path: str, lang: str) -> Page:
    """A page with all of its tables open."""
    query = f"{'&' if '?' in path else '?'}lang={lang}&prompt={PROMPTS[lang]}"
    page = visit(f"{site}/{path}{query}").settled()
    open_all(page, race=path.startswith("timing"))
    return page


@pytest.mark.parametrize(
    ("path", "lang"),
    [
        pytest.param(path, lang, marks=[] if (path, lang) in CASES else pytest.mark.long)
        for path in PAGES
        for lang in PROMPTS
    ],
)
def test_on_paper_nothing_lies_over_anything_else_or_past_the_edge(
    site: str, visit: Open, path: str, lang: str
) -> None:
    page = opened(site, visit, path, lang)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4[0], "height": A4[1]})
    still(page)
    names, boxes = zip(*page.evaluate(PARTS), strict=True)
    left, top, right, bottom = np.array(boxes).T
    assert [name for name, end in zip(names, right, strict=True) if end > A4[0] + 1] == []
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    over = np.argwhere(np.triu((wide > 2) & (high > 2), 1))
    assert [(names[a], names[b]) for a, b in over] == []


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler")
@pytest.mark.parametrize("path", PAGES)
def test_no_sheet_but_the_last_is_left_half_empty(
    site: str, visit: Open, tmp_path: Path, path: str
) -> None:
    page = opened(site, visit, path, "en")
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "1cm")
    page.pdf(path=str(tmp_path / "page.pdf"), format="A4", margin=margin)
    draw = ["pdftoppm", "-r", "30", "-gray", str(tmp_path / "page.pdf"), str(tmp_path / "sheet")]
    subprocess.run(draw, check=True)
    sheets = [np.asarray(Image.open(each)) for each in sorted(tmp_path.glob("sheet*"))]
    ends = []
    for sheet in sheets:
        paper = np.bincount(sheet.ravel()).argmax()
        inked = np.flatnonzero((np.abs(sheet.astype(int) - paper) > 40).any(axis=1))
        ends.append(float(inked[-1] / len(sheet)) if inked.size else 0.0)
    assert min(ends[:-1], default=1) > 0.5, ends
    assert ends[-1] > 0.05, ends
