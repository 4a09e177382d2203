"""A figure looks as if it had always been there, whichever way it came: every pixel and word of it.

Each figure is mounted with a record of a real run, as Streamlit mounts it, and then goes through
each way of appearing. What it looks like in the end must be what it looks like when all it needs is
there from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import Visit, until
from tests.kvfront.stage import EVERY, Looks, Stage


@pytest.fixture(scope="module")
def one_stage(browser: Browser) -> Iterator[Stage]:
    found = Stage(browser)
    yield found
    found.context.close()


@pytest.fixture
def stage(one_stage: Stage) -> Iterator[Stage]:
    yield one_stage
    one_stage.release()


@pytest.fixture(scope="module")
def always(browser: Browser) -> Iterator[Callable[[str], Looks]]:
    """The looks of a figure where all that it needs was there before it."""
    there = Stage(browser)
    known: dict[str, Looks] = {}

    def looks(figure: str) -> Looks:
        if figure not in known:
            there.mount(figure)
            known[figure] = there.looks()
            there.remove()
        return known[figure]

    yield looks
    there.context.close()


def late_sheet(stage: Stage, figure: str) -> None:
    stage.holding = (".css",)
    stage.mount(figure)
    until(stage.page, lambda: bool(stage.held))
    stage.release()


def late_imported_sheet(stage: Stage, figure: str) -> None:
    stage.holding = ("heatmap.css", "player.css")
    stage.mount(figure)
    until(stage.page, lambda: bool(stage.held))
    stage.release()


def hidden_at_first(stage: Stage, figure: str) -> None:
    stage.style(display="none")
    stage.mount(figure)
    stage.style(display="block")


def without_width_at_first(stage: Stage, figure: str) -> None:
    stage.style(width="0", overflow="hidden")
    stage.mount(figure)
    stage.style(width="", overflow="")


def narrow_at_first(stage: Stage, figure: str) -> None:
    stage.style(width="340px")
    stage.mount(figure)
    stage.looks()
    stage.style(width="")


def in_a_closed_box(stage: Stage, figure: str) -> None:
    stage.run("document.querySelector('details').open = false")
    stage.mount(figure)
    stage.run("document.querySelector('details').open = true")


def taken_away_and_put_back(stage: Stage, figure: str) -> None:
    for _ in range(3):
        stage.mount(figure)
        stage.remove()
    stage.mount(figure)


def hidden_for_a_while(stage: Stage, figure: str) -> None:
    stage.mount(figure)
    stage.looks()
    for style in ("none", "block"):
        stage.style(display=style)
        stage.run("await new Promise(requestAnimationFrame)")


def another_theme_at_first(stage: Stage, figure: str) -> None:
    stage.theme("#15171a", "#e8e9e6")
    stage.mount(figure)
    stage.looks()
    stage.theme("#fdfdfb", "#1f2329")


def another_theme_while_it_is_hidden(stage: Stage, figure: str) -> None:
    stage.theme("#15171a", "#e8e9e6")
    stage.mount(figure)
    stage.looks()
    stage.style(display="none")
    stage.theme("#fdfdfb", "#1f2329")
    stage.style(display="block")


def another_record_at_first(stage: Stage, figure: str) -> None:
    """It gets the one that is meant while it is hidden."""
    stage.style(display="none")
    stage.mount(figure)
    stage.give(f"{figure}-next")
    stage.give(figure)
    stage.style(display="block")


WAYS = [
    late_sheet, late_imported_sheet, hidden_at_first, without_width_at_first,
    narrow_at_first, in_a_closed_box, taken_away_and_put_back, hidden_for_a_while,
    another_theme_at_first, another_theme_while_it_is_hidden,
    another_record_at_first,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_figure_looks_as_if_it_had_always_been_there(
    stage: Stage, always: Callable[[str], Looks], way: Callable[[Stage, str], None]
) -> None:
    for figure in EVERY:
        way(stage, figure)
        seen = stage.looks()
        stage.remove()
        assert all(each["colours"] > 10 for each in seen["pictures"]), figure
        assert seen == always(figure), figure


def test_a_figure_is_painted_again_in_a_font_that_comes_late(stage: Stage) -> None:
    for figure in EVERY:
        stage.mount(figure)
        before = stage.looks()
        stage.font()
        late = stage.looks()
        stage.remove()
        stage.mount(figure)
        assert stage.looks() == late, figure
        assert before["pictures"] == [] or before["pictures"] != late["pictures"], figure
        stage.remove()
        stage.run("document.fonts.clear()")


def test_a_figure_is_painted_again_for_other_pixels(browser: Browser) -> None:
    stage = Stage(browser)
    for figure in EVERY:
        stage.pixels(2)
        stage.mount(figure)
        stage.looks()
        stage.pixels(1)
        late = stage.looks()
        stage.remove()
        stage.mount(figure)  # once more: text looks a little otherwise after another ratio
        assert stage.looks() == late, figure
    stage.context.close()


COLOURS = """canvas => {
  const { width, height } = canvas;
  const image = canvas.getContext("2d").getImageData(0, 0, width || 1, height || 1);
  return new Set(new Uint32Array(image.data.buffer)).size;
}"""


def too_long_a_text(page: Page) -> None:
    page.locator("input[type=text]").first.fill("the whale " * 70)
    expect(page.locator("[data-testid=stAlert]")).to_be_visible()


def no_text_and_then_another(page: Page) -> None:
    field = page.locator("input[type=text]").first
    field.fill("")
    expect(page.locator("[data-testid=stAlert]")).to_be_visible()
    page.wait_for_timeout(1000)
    field.press_sequentially("The whale")
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)


@pytest.mark.parametrize("act", [too_long_a_text, no_text_and_then_another])
def test_the_front_page_s_figure_stays_when_a_sentence_under_the_prompt_comes_or_goes(
    site: str, visit: Callable[..., Visit], act: Callable[[Page], None]
) -> None:
    page = visit(f"{site}/?lang=en&prompt=The+old+man+and+the").settled()
    for _ in range(3):
        page.locator("input[type=text]").first.fill("The old man and the sea")
        expect(page.locator("[data-testid=stAlert]")).to_have_count(0)
        act(page)
        canvas = page.locator(".kv-cache-view canvas").first
        until(page, lambda canvas=canvas: canvas.evaluate(COLOURS) > 100)


def test_a_figure_is_not_mounted_anew_when_a_sentence_comes_or_goes(
    site: str, visit: Callable[..., Visit]
) -> None:
    page = visit(f"{site}/?lang=en&prompt=The+old+man+and+the").settled()
    canvas = page.locator(".kv-cache-view canvas").first.element_handle()
    too_long_a_text(page)
    page.locator("input[type=text]").first.fill("The old man")
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)
    assert canvas and canvas.evaluate("canvas => canvas.isConnected")
