"""Where a reader forces two colours on every page, numbers and choices can still be told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import still, until

Open = Callable[[str, str], Page]
PROMPT = "The+old+man+and+the"


@pytest.fixture
def forced(browser: Browser, site: str) -> Iterator[Open]:
    """Open a page in forced colours, dark or light."""
    contexts = []

    def open_page(path: str, scheme: str) -> Page:
        context = browser.new_context(
            viewport={"width": 1280, "height": 1600},
            color_scheme=scheme,
            forced_colors="active",
            reduced_motion="reduce",
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site}/{path}{'&' if '?' in path else '?'}lang=en&prompt={PROMPT}")
        page.wait_for_selector("h1")
        return still(page)

    yield open_page
    for context in contexts:
        context.close()


def pixels(what: Locator) -> np.ndarray:
    expect(what).to_be_visible()
    image = Image.open(BytesIO(what.screenshot())).convert("RGB")
    return np.asarray(image).astype(int)


def colours(what: Locator) -> int:
    """How many clearly different colours something is made of."""
    return len(np.unique(pixels(what).reshape(-1, 3) // 32, axis=0))


def inner(what: Locator) -> np.ndarray:
    """The colour of most of it."""
    found, counts = np.unique(pixels(what)[3:-3, 3:-3].reshape(-1, 3), axis=0, return_counts=True)
    return found[counts.argmax()]


def told_apart(one: Locator, other: Locator) -> bool:
    return bool(np.abs(inner(one) - inner(other)).max() > 60)


SCHEMES = pytest.mark.parametrize("scheme", ["dark", "light"])


@SCHEMES
def test_the_front_page_keeps_its_scales_swatches_bars_and_choices(
    forced: Open, scheme: str
) -> None:
    page = forced("", scheme)
    for bar in page.locator(".kv-legend-bar").all():
        assert colours(bar) >= 6
    assert colours(page.locator(".kv-swatch-hatch")) >= 2
    likely, least = (page.locator(".kv-bar-track").nth(n) for n in (0, -1))
    assert (pixels(likely) != pixels(least)).any(axis=2).sum() > 100
    for label in ("English", "Tiny, our own"):
        chosen = page.get_by_role("radio", name=label)
        group = page.get_by_role("radiogroup").filter(has=chosen)
        assert told_apart(chosen, group.locator("[aria-checked=false]").first)
    still = page.locator(".kv-still").first
    still.click()
    assert told_apart(still, page.locator(".kv-still").nth(1))
    thumb = page.locator("[data-testid=stSlider]").first
    assert colours(thumb) >= 3
    # The picture is drawn on the reader's own paper.
    canvas = page.locator(".kv-cache-view-stage canvas").first
    paper = 0 if scheme == "dark" else 255
    assert (pixels(canvas)[2, 2] == paper).all()
    assert (pixels(page.locator("h1"))[1, 1] == paper).all()


@SCHEMES
def test_the_chosen_step_and_the_open_page_look_chosen(forced: Open, scheme: str) -> None:
    page = forced("why-not-q?step=3", scheme)
    expect(page.locator(".kv-heat-main").first).to_be_visible()
    steps = page.locator(".kv-steps label")
    assert told_apart(steps.nth(2), steps.nth(3))
    links = page.locator(".st-key-site_nav a")
    borders = links.evaluate_all("all => all.map((a) => getComputedStyle(a).borderBottomWidth)")
    assert [border == "3px" for border in borders] == [False, True, False, False]
    for bar in page.locator(".kv-legend-bar").all():
        assert colours(bar) >= 6


@SCHEMES
def test_the_growth_keeps_what_its_colours_say(forced: Open, scheme: str) -> None:
    page = forced("growth?step=3", scheme)
    redo = inner(page.locator(".kv-swatch-redo"))
    assert redo[0] - redo[2] > 120, "vermillion"
    for bar in page.locator(".kv-legend-bar").all():
        assert colours(bar) >= 6


@SCHEMES
@pytest.mark.long
def test_the_race_keeps_what_its_colours_say(forced: Open, scheme: str) -> None:
    page = forced("timing?view=8x1", scheme)
    page.get_by_role("button", name="Run both ways now").click()
    piece = page.locator(".kv-lane-recomputed .kv-lane-line span").first
    expect(piece).to_be_visible()
    still(page)
    shown = inner(piece)
    assert shown[0] - shown[2] > 120, "vermillion"


def test_a_picture_follows_when_colours_begin_to_be_forced(forced: Open) -> None:
    page = forced("", "dark")
    canvas = page.locator(".kv-cache-view-stage canvas").first
    page.emulate_media(forced_colors="none")
    until(page, lambda: bool((pixels(canvas)[2, 2] != 0).any()))
    page.emulate_media(forced_colors="active")
    until(page, lambda: bool((pixels(canvas)[2, 2] == 0).all()))
