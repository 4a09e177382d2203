"""The element in the colours of the page around it, and on paper."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.lesson import Lesson, element
from tests.browsing import Visit

Open = Callable[..., Visit]

OUTER = (
    "transparent",
    "white",
    "#111",
    "rgb(0 0 0 / 0.04)",
    "rgb(255 255 255 / 0.06)",
    "rgb(20 20 30 / 0.9)",
    "hsl(0 0% 100% / 0.85)",
    "hwb(210 5% 85%)",
    "color(srgb 0.1 0.1 0.12)",
    "color(srgb 0.98 0.98 0.9 / 0.9)",
    "color(display-p3 0.05 0.1 0.2)",
    "lab(96 2 1)",
    "lch(12 5 200 / 0.95)",
    "oklab(0.2 0 0)",
    "oklch(0.97 0.02 90 / 0.8)",
    "color-mix(in oklab, black 90%, white)",
    "linear-gradient(white, white), #222",
)
INNER = (
    "transparent",
    "rgb(250 250 250 / 0.9)",
    "rgb(255 255 255 / 0.05)",
    "rgb(0 0 0 / 0.05)",
    "oklch(0.15 0 0 / 0.9)",
    "light-dark(rgb(255 255 255 / 0.8), rgb(0 0 0 / 0.8))",
)
SCHEMES = ("", "color-scheme: dark", "color-scheme: light", "color-scheme: light dark")


def boxes() -> Iterator[str]:
    """An element in each inner background, in each outer one, and each second in a shadow."""
    view = '<kv-cache start="click" recording="x"></kv-cache>'
    for n, inner in enumerate(INNER):
        held = f"<template shadowrootmode=open>{view}</template>" if n % 2 else view
        box = f'<div class="inner" style="padding: 3px; background: {inner}">{held}</div>'
        yield from (
            f'<div style="padding: 3px; background: {outer}">{box}</div>' for outer in OUTER
        )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_element_is_dark_where_what_is_painted_behind_it_is(
    lesson: Lesson, visit: Open, dark: bool
) -> None:
    """Against the pixels of a screenshot; an image is not seen through, and its colour counts."""
    page = visit("about:blank", dark=dark).page
    sheet = "<style>body { display: grid; grid-template-columns: repeat(17, 1fr); margin: 0 }"
    height = "kv-cache { display: block; height: 20px; overflow: hidden }</style>"
    wrong = []
    for scheme in SCHEMES:
        body = f'<html style="{scheme}"><body>{sheet}{height}{"".join(boxes())}'
        page.goto(lesson.show(f'{body}<script src="/embed.js"></script>'))
        found = page.evaluate(
            "[...document.querySelectorAll('.inner')].map((box) => {"
            "const view = (box.shadowRoot ?? box).querySelector('kv-cache');"
            "const { x, y } = box.getBoundingClientRect();"
            "return [x, y, view.shadowRoot.querySelector('div').style.colorScheme] })"
        )
        shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
        assert len(found) == len(INNER) * len(OUTER)
        for n, (x, y, said) in enumerate(found):
            grey = shot.getpixel((int(x) + 1, int(y) + 1))
            behind = OUTER[n % len(OUTER)]
            if "gradient" in behind or 110 < grey < 145:
                continue
            if said != ("dark" if grey < 128 else "light"):
                wrong.append((scheme, INNER[n // len(OUTER)], behind, grey, said))
    assert wrong == []


# A green picture of 300 by 200 pixels, and a frame that nobody should find on paper.
GREEN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">'
    '<rect width="300" height="200" fill="#0f0"/></svg>'
)
PICTURE = f'<a href="/"><img alt="" src="data:image/svg+xml,{quote(GREEN)}"></a>'
VIEW = """<body style="background: #f0f">Inside the frame<script>
for (const say of [{ here: true }, { height: 900 }]) parent.postMessage({ kv: 1, ...say }, "*")
</script>"""


def printed(page: Page, folder: Path) -> tuple[str, int, int]:
    """The text of a printed page without its spaces, and how much of it is green and magenta."""
    if not (shutil.which("pdftotext") and shutil.which("pdftoppm")):
        pytest.skip("no poppler-utils here")
    file = folder / "page.pdf"
    page.pdf(path=file, print_background=True)
    read = ["pdftotext", "-raw", str(file), "-"]
    text = subprocess.run(read, capture_output=True, text=True, check=True).stdout
    subprocess.run(["pdftoppm", "-r", "96", "-png", str(file), str(folder / "sheet")], check=True)
    sheets = [Image.open(sheet).convert("RGB") for sheet in folder.glob("sheet*.png")]
    lit = np.concatenate([np.asarray(sheet).reshape(-1, 3) for sheet in sheets]) > 127
    green, magenta = (int((lit == color).all(1).sum()) for color in ((0, 1, 0), (1, 0, 1)))
    return "".join(text.split()), green, magenta


@pytest.mark.parametrize("kind", ["poster", "live", "dead", "recording", "the server's picture"])
def test_on_paper_there_are_the_picture_in_full_and_the_address_and_no_frame(
    lesson: Lesson, visit: Open, tmp_path: Path, kind: str
) -> None:
    lesson.files["/growth"] = ("text/html", VIEW)
    lesson.files["/poster.svg"] = ("image/svg+xml", GREEN)
    picture = "" if kind == "the server's picture" else PICTURE
    more = {"start": "click"} if kind == "poster" else {}
    if kind == "recording":
        more["recording"] = "/growth"
    if kind == "dead":
        more["src"] = "http://127.0.0.1:9"  # nobody is there
    view = element(lesson.url, picture, page="growth", **more)
    page = visit(lesson.show(f'<body>{view}<script src="/embed.js"></script>')).page
    shown = {"poster": "poster", "dead": "dead"}.get(kind, "live")
    page.locator(f"kv-cache .{shown}").wait_for()
    asked = page.locator("kv-cache").get_attribute("src")
    text, green, magenta = printed(page, tmp_path)
    assert f"{str(asked).rstrip('/')}/growth?lang=en&prompt=The+old+man+and+the&step=4" in text
    assert green == pytest.approx(300 * 200, rel=0.03) or (
        kind == "the server's picture" and green > 300 * 200
    )
    assert magenta == 0
    assert "Inside" not in text
