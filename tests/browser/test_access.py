"""Whoever walks a page with the keyboard, or hears it, finds their way as those who see it do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browsing import Visit, open_all

Open = Callable[..., Visit]
PAGES = ("", "why-not-q?step=7", "growth", "timing")
FOCUSED = """() => {
  let node = document.activeElement
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
  return node
}"""
AROUND = 6  # px beside a control that its ring may take
SEEN = 60  # pixels that a ring changes at the least: one of 2 px around a letter


def opened(site: str, visit: Open, path: str, **options: object) -> Page:
    query = f"{'&' if '?' in path else '?'}lang=en&prompt=The+old+man+and+the"
    return visit(f"{site}/{path}{query}", **options).settled()


def stops(page: Page) -> Iterator[str]:
    """Walk through everything that Tab reaches, and say what it is."""
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle(FOCUSED).as_element()
        if focused is None or focused.evaluate("node => node === document.body"):
            return
        name = focused.evaluate("node => node.getAttribute('aria-label') || node.textContent")
        yield f"{focused.evaluate('node => node.localName')} {name.strip()[:40]}"


def pixels(page: Page, box: dict[str, float]) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(page.screenshot(clip=box))).convert("RGB")).astype(int)


def changed_by_focus(page: Page) -> int:
    """How many pixels look otherwise around what is focused than when it is not."""
    focused = page.evaluate_handle(FOCUSED).as_element()
    assert focused
    # What one sees of a range input that Streamlit hides is its thumb.
    box = focused.evaluate(
        """node => {
          const seen = node.closest("[data-testid=stSlider]") ?? node
          const { x, y, width, height } = seen.getBoundingClientRect()
          return { x, y, width, height }
        }"""
    )
    size = page.viewport_size
    left, top = max(0, box["x"] - AROUND), max(0, box["y"] - AROUND)
    right = min(size["width"], box["x"] + box["width"] + AROUND)
    bottom = min(size["height"], box["y"] + box["height"] + AROUND)
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    there = pixels(page, clip)
    focused.evaluate("node => node.blur()")
    gone = pixels(page, clip)
    focused.focus()
    return int((np.abs(there - gone).max(axis=2) > 40).sum())


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "dark", [False, pytest.param(True, marks=pytest.mark.long)], ids=["light", "dark"]
)
def test_whatever_tab_reaches_shows_that_it_has_the_focus(
    site: str, visit: Open, path: str, dark: bool
) -> None:
    page = opened(site, visit, path, dark=dark)
    page.add_style_tag(content="* { transition: none !important; caret-color: transparent }")
    unseen = {stop: changed for stop in stops(page) if (changed := changed_by_focus(page)) < SEEN}
    assert unseen == {}


def test_the_ends_of_the_steps_keep_the_focus_and_every_step_says_what_it_is(
    site: str, visit: Open
) -> None:
    page = opened(site, visit, "why-not-q?step=6")
    forward = page.get_by_role("button", name="Next step")
    forward.focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Delete them and see")).to_be_visible()
    expect(forward).to_be_focused()
    expect(forward).to_have_attribute("aria-disabled", "true")
    steps = page.get_by_role("radio", name="The mask closes the column")
    expect(steps).to_have_accessible_name("5 The mask closes the column")
    steps.focus()
    page.keyboard.press("ArrowLeft")
    column = "The right-hand column seems to need old queries"
    expect(page.get_by_role("heading", name=column)).to_be_visible()
    expect(page.get_by_role("radio", name=column)).to_be_focused()
    expect(page.get_by_role("radio", name=column)).to_be_checked()


def test_the_pages_are_links_of_a_navigation_that_says_which_one_is_open(
    site: str, visit: Open
) -> None:
    page = opened(site, visit, "growth")
    nav = page.get_by_role("navigation", name="Pages")
    expect(nav.get_by_role("link")).to_have_count(4)
    here = nav.locator("[aria-current=page]")
    expect(here).to_have_text("Watch it grow")
    nav.get_by_role("link", name="Why not Q?").click()
    expect(here).to_have_text("Why not Q?")
    expect(nav.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES)
def test_the_skip_link_skips_the_links_above_the_title(site: str, visit: Open, path: str) -> None:
    page = opened(site, visit, path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Prompt")).to_be_focused()


def test_a_frame_has_a_title_and_no_link_that_skips_nothing(site: str, visit: Open) -> None:
    page = visit(f"{site}/growth?lang=en&prompt=The+whale&embed=true").settled()
    expect(page.get_by_role("heading", level=1)).to_have_text("Watch the cache grow")
    assert page.get_by_role("heading", level=1).bounding_box()["height"] <= 1 or not page.evaluate(
        "document.elementFromPoint(5, 5)?.closest('h1')"
    )
    expect(page.get_by_role("link", name="Skip to main content")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "why-not-q", "growth"])
def test_a_slider_is_called_once_what_it_is(site: str, visit: Open, path: str) -> None:
    page = opened(site, visit, path)
    for name in ("Layer", "Head"):
        expect(page.get_by_role("slider", name=name, exact=True)).to_have_count(1)
    page.get_by_role("slider", name="Layer", exact=True).press("ArrowLeft")
    page.wait_for_url("**layer=0**")
    expect(page.get_by_role("slider", name="Layer", exact=True)).to_be_focused()


@pytest.mark.parametrize("path", ["", "growth"])
def test_what_may_come_next_is_a_list_with_a_name(site: str, visit: Open, path: str) -> None:
    page = opened(site, visit, path)
    bars = page.get_by_role("list", name="What may come next")
    expect(bars.get_by_role("listitem")).to_have_count(8)


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize(
    "path",
    ["", "why-not-q?step=7", "growth", "timing", "why-not-q?embed=true", "growth?embed=true"],
)
@pytest.mark.parametrize(
    ("lang", "dark"),
    [("en", False), pytest.param("zh", True, marks=pytest.mark.long)],
    ids=["en, light", "zh, dark"],
)
def test_axe_finds_nothing_with_everything_open(
    site: str, visit: Open, path: str, lang: str, dark: bool
) -> None:
    query = f"{'&' if '?' in path else '?'}lang={lang}&prompt=The+old+man+and+the"
    page = visit(f"{site}/{path}{query}", dark=dark).settled()
    open_all(page, race=path == "timing")
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "rules": {"label-content-name-mismatch": {"enabled": True}},
    }
    found = Axe().run(page, options=options).response["violations"]
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
    assert told == []
