"""How much room a view takes in the column of another page, before it runs and while it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import kvcore
from kvembed.view import View
from tests.browser.lesson import Lesson, element
from tests.browsing import Visit, click_beside_frames, started, still, until
from ui.snapshot.make import snapshot

Open = Callable[..., Visit]

WIDTHS = (360, 500, 640, 736, 1000)
MOVES = 160  # pixels, at most, where a view of the opening starts


def height(page: Page, width: int) -> float:
    """Of the element in a column, once it stays what it is."""
    page.locator("main").evaluate("(main, width) => main.style.width = `${width}px`", width)
    box = page.locator("kv-cache")
    seen = [-1.0]

    def calm() -> bool:
        for frame in page.frames[1:]:
            still(frame)
        page.wait_for_timeout(350)  # a frame that is at rest tells of it after 300 ms
        seen.append(box.evaluate("box => box.getBoundingClientRect().height"))
        return seen[-1] == seen[-2]

    until(page, calm)
    return seen[-1]


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "shown",
    [
        ("growth", "live"),
        ("growth", "recording"),
        *(
            pytest.param((name, kind), marks=pytest.mark.long)
            for name in ("home", "why-not-q", "timing")
            for kind in ("live", "recording")
        ),
    ],
    ids=" ".join,
)
def test_nothing_moves_far_when_a_view_starts(
    site: str, lesson: Lesson, visit: Open, shown: tuple[str, str], lang: str
) -> None:
    """At any width: a picture stands in the room that the view and the recording take."""
    name, kind = shown
    more = {"page": name, "lang": lang, "prompt": "", "step": "", "start": "click"}
    if kind == "recording":
        text = snapshot(View(name, lang=lang), "", kvcore.load("tiny"))
        lesson.files["/recording.html"] = ("text/html", text)
        more["recording"] = "recording.html"
    body = f"<main>{element(site, '', **more)}</main><script src='/embed.js'></script>"
    page = visit(lesson.show(body, lang=lang), width=1200).page
    before = {width: height(page, width) for width in WIDTHS}
    click_beside_frames(page, page.locator("kv-cache button"))
    started(page)
    moves = {width: height(page, width) - before[width] for width in reversed(WIDTHS)}
    assert max(map(abs, moves.values())) <= MOVES, moves


def test_growth_in_a_frame_is_its_squares_and_the_rest_waits_behind_a_line(
    site: str, lesson: Lesson, visit: Open
) -> None:
    view = element(site, page="growth", step="3")
    page = visit(lesson.show(f"<main>{view}</main><script src='/embed.js'></script>")).page
    frame = started(page)
    assert height(page, 640) < 1150
    title = frame.get_by_role("heading", name="K of layer")
    expect(title).to_be_hidden()
    frame.locator(".kv-more > summary").click()
    expect(title).to_be_visible()
    strip = frame.get_by_role("application", name="K in the cache").locator("canvas").first
    until(page, lambda: len(set(strip.screenshot())) > 50)
    colours = strip.evaluate(
        "canvas => new Set(new Uint32Array(canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"
    )
    assert colours > 20
