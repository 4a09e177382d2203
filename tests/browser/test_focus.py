"""Whoever walks through a figure with the keyboard keeps their place when the page answers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browsing import Line, Visit, until

Open = Callable[..., Visit]
PROMPT = "The+old+man+and+the"
FIRST = re.compile("^(The rows that recomputing|The matrix of queries)")
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"


def another_layer(page: Page) -> str:
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    return "layer=1"


def another_text(page: Page) -> str:
    page.locator("input[type=text]").first.press("End")
    page.keyboard.type(" sea")
    return "prompt=.*sea"


Ask = Callable[[Page], str]


def answered(page: Page, line: Line, ask: Ask, at: Locator) -> None:
    """Ask for another figure, be at a control when the answer comes, and wait for all of it."""
    line.hold()
    before = line.asked
    address = ask(page)
    until(page, lambda: line.asked > before and bool(line.held))
    at.focus()
    line.release()
    page.wait_for_url(re.compile(address))
    page.wait_for_selector(DONE)


@pytest.fixture
def walk(site: str, visit: Open) -> Callable[[str], tuple[Visit, Line]]:
    def open_tab(path: str) -> tuple[Visit, Line]:
        tab = visit("about:blank")
        line = Line(tab.page)
        tab.page.goto(f"{site}/{path}&lang=en&prompt={PROMPT}&layer=0")
        expect(tab.page.get_by_role("application", name=FIRST)).to_be_visible()
        tab.page.wait_for_selector(DONE)
        return tab, line

    return open_tab


Walk = Callable[[str], tuple[Visit, Line]]


@pytest.mark.parametrize("ask", [another_layer, another_text])
def test_a_control_of_the_player_keeps_the_focus(walk: Walk, ask: Ask) -> None:
    tab, line = walk("growth?step=2")
    forward = tab.page.get_by_role("button", name="One step forward")
    answered(tab.page, line, ask, forward)
    expect(forward).to_be_focused()
    for step in (3, 4):
        tab.page.keyboard.press("Enter")
        expect(tab.page.locator(".kv-sentence")).to_contain_text(f"Step {step} of")
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("growth?step=2", another_layer),
        ("growth?step=2", another_text),
        ("growth?step=2&embed=true", another_layer),
        ("why-not-q?step=5", another_text),
    ],
)
def test_the_chosen_cell_keeps_the_focus_and_is_read_in_the_new_numbers(
    walk: Walk, path: str, ask: Ask
) -> None:
    tab, line = walk(path)
    square = tab.page.get_by_role("application", name=FIRST)
    words = tab.page.locator(".kv-heat").filter(has=square).locator(".kv-words")
    for key in ("Home", *["PageUp"] * 3, "Home", "ArrowDown", "ArrowRight"):
        square.press(key)
    expect(words).to_contain_text("key ‘␣old’ (1)")
    cell = words.inner_text().split(":")[0]
    answered(tab.page, line, ask, square)
    expect(square).to_be_focused()
    expect(words).to_contain_text(cell)
    tab.page.keyboard.press("ArrowLeft")
    expect(words).to_contain_text("key ‘The’ (0)")
    assert tab.complaints == []


def test_an_answer_leaves_the_focus_where_else_it_is(walk: Walk) -> None:
    tab, line = walk("growth?step=2")
    tab.page.get_by_role("button", name="One step forward").focus()
    field = tab.page.locator("input[type=text]").first
    answered(tab.page, line, another_layer, field)
    expect(field).to_be_focused()
    field.press("End")
    tab.page.keyboard.type(" sea")
    tab.page.wait_for_url(re.compile("prompt=.*sea"))
    expect(field).to_be_focused()
    expect(field).to_have_value("The old man and the sea")
