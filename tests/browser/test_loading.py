"""The requests of a first visit, and the room that is kept for what comes late."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browsing import Visit, still

Open = Callable[..., Visit]


def hold(page: Page, files: re.Pattern[str]) -> list[Route]:
    """The requests for these files, which nobody answers until they are continued."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(files, keep)
    return held


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("path", "figure"), [("", "cache_view"), ("why-not-q", "matrix")])
def test_the_height_of_a_figure_is_kept_free_until_it_is_drawn(
    site: str, visit: Open, path: str, figure: str, width: int
) -> None:
    page = visit("about:blank", width=width).page
    held = hold(page, re.compile(rf"/{figure}/live\.js$"))
    page.goto(f"{site}/{path}?lang=en")
    place = page.locator(f".st-key-figure_{figure}_page")
    expect(place.locator("[data-testid=stBidiComponentIsolated]")).to_be_attached()
    kept = place.bounding_box()
    for route in held:
        route.continue_()
    expect(place.locator("[data-drawn]")).to_be_attached()
    drawn = place.bounding_box()
    assert kept and drawn
    assert abs(kept["height"] - drawn["height"]) < 0.05 * drawn["height"]


def test_a_first_visit_asks_for_nothing_that_it_does_not_show(site: str, visit: Open) -> None:
    tab = visit("about:blank")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    for path in ("", "why-not-q", "growth", "timing"):
        tab.page.goto(f"{site}/{path}?prompt=The+old+man")
        tab.settled()
    unused = re.compile("SyntaxHighlighter|MaterialSymbols|SourceSans")
    assert [url for url in asked if unused.search(url)] == []


# Everything that moved on the page since it began, as a share of the window.
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
CONTROLS = re.compile(r"/(PageLink|ButtonGroup|TextInput|Slider|Button|NumberInput)\.[^/]*\.js$")


LATE = re.compile(rf"{CONTROLS.pattern}|/logo\.svg$")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_room_of_the_logo_and_the_controls_above_the_title_is_kept_free_until_they_come(
    site: str, visit: Open, lang: str, width: int
) -> None:
    page = visit("about:blank", width=width).page
    held = hold(page, LATE)
    page.goto(f"{site}/why-not-q?lang={lang}", wait_until="commit")
    title, switch = page.locator("h1"), page.locator(".st-key-lang")
    expect(title).to_be_visible()
    expect(switch.get_by_test_id("stSkeleton")).to_be_visible()
    kept = title.bounding_box(), switch.bounding_box()
    for route in held:
        route.continue_()
    still(page)
    for before, after in zip(kept, (title.bounding_box(), switch.bounding_box()), strict=True):
        assert before == pytest.approx(after, abs=1)


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.long), 390])
@pytest.mark.parametrize("path", ["", "why-not-q", "growth", "timing"])
def test_controls_that_come_late_move_little(site: str, visit: Open, path: str, width: int) -> None:
    tab = visit("about:blank", width=width)
    page = tab.page
    page.add_init_script(SHIFTS)
    held = hold(page, LATE)
    page.goto(f"{site}/{path}?lang=en", wait_until="commit")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]:has(h1)")
    expect(page.get_by_test_id("stSkeleton").first).to_be_attached()
    for route in held:
        route.continue_()
    still(page)
    # Measured with a processor of a quarter of the speed: 0.005 at most at 390 px.
    assert page.evaluate("shifted") < 0.1
