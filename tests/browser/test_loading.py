"""What a first visit asks for, and the room that is kept for what comes late."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browsing import Visit

Open = Callable[..., Visit]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("path", "figure"), [("", "shelf"), ("why-not-q", "matrix")])
def test_the_height_of_a_figure_is_kept_free_until_it_is_drawn(
    site: str, visit: Open, path: str, figure: str, width: int
) -> None:
    page = visit("about:blank", width=width).page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/{figure}.js", hold)
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
