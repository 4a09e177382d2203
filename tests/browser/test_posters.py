"""Posters in a real browser, as a picture in somebody else's page."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Browser

from kvembed.contract import PAGES
from kvembed.poster import bundled

# The colour of the picture's paper, between its edge and its title.
_PAPER = """async () => {
  const image = document.querySelector("img");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  return [...pen.getImageData(canvas.width / 2, 4, 1, 1).data].slice(0, 3);
}"""


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("scheme", "paper"), [("light", [253, 253, 251]), ("dark", [21, 23, 26])], ids=["light", "dark"]
)
def test_a_poster_follows_the_scheme_of_its_reader(
    browser: Browser, page: str, scheme: str, paper: list[int]
) -> None:
    data = base64.b64encode(bundled(page, "en") or b"").decode()
    with browser.new_context(color_scheme=scheme) as context:
        tab = context.new_page()
        tab.set_content(f'<img src="data:image/svg+xml;base64,{data}">')
        assert tab.evaluate(_PAPER) == paper
