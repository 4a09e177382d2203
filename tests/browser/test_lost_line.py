"""The line to the server is lost and comes back: nothing that a visitor has is lost with it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Line, Server, Visit

Open = Callable[..., Visit]
SENTENCES = {"en": "The connection to the server is lost", "zh": "与服务器的连接断开了"}
PROMPT = "The+old+man+and+the"


def scrolled(page: Page) -> int:
    """How far the page is scrolled."""
    far: int = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    return far


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_typed_while_the_line_is_lost_is_read_when_it_is_back(
    site: str, visit: Open, lang: str
) -> None:
    tab = visit("about:blank")
    page, line = tab.page, Line(tab.page)
    page.goto(f"{site}/?lang={lang}&prompt={PROMPT}")
    tab.settled()
    field = page.locator("input[type=text]:visible").first
    field.press("End")
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 140)")
    before = scrolled(page)
    assert before
    line.cut()
    status = page.locator(".site-lost")
    expect(status).to_contain_text(SENTENCES[lang])
    page.keyboard.type(" sea")
    expect(field).to_be_focused()
    expect(field).to_have_value("The old man and the sea")
    page.keyboard.press("ArrowLeft")
    line.mend()
    expect(status).to_be_empty()
    expect(page.locator(".kv-counters dd").nth(1)).to_have_text("1")
    page.wait_for_url(re.compile(r"prompt=The(\+|%20)old.*sea"))
    expect(field).to_be_focused()
    assert scrolled(page) == before
    page.keyboard.type("X")
    expect(field).to_have_value("The old man and the seXa")


def test_a_new_server_shows_the_page_as_it_was_with_what_was_typed_while_there_was_none(
    fresh_server: Server, visit: Open
) -> None:
    tab = visit(f"{fresh_server.url}/?lang=en&prompt={PROMPT}")
    page = tab.settled()
    page.get_by_role("slider", name="Layer").press("Home")
    page.wait_for_url(re.compile("layer=0"))
    field = page.locator(".st-key-prompt input:visible")
    field.press("End")
    page.keyboard.type(" sea")
    page.wait_for_url(re.compile("sea"))
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 140)")
    before = scrolled(page)
    fresh_server.stop()
    status = page.locator(".site-lost")
    expect(status).to_contain_text(SENTENCES["en"])
    page.keyboard.type(" tod")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(12_000)  # by then Streamlit's own dialog would be there
    assert page.locator("[role=dialog]").count() == 0
    expect(field).to_be_focused()
    expect(field).to_have_value("The old man and the sea tod")
    fresh_server.start()
    # The server does not know the visit: the page is loaded again, and there is a field meanwhile.
    page.wait_for_selector("body > .site-stand", timeout=90_000)
    page.keyboard.type("g")
    expect(status).to_be_empty()
    expect(field).to_be_focused()
    expect(field).to_have_value("The old man and the sea togd")
    page.keyboard.type("e")
    page.wait_for_url(re.compile(r"sea(\+|%20)toged"))
    assert "layer=0" in page.url
    assert scrolled(page) == before


def test_a_page_whose_visit_is_forgotten_keeps_the_focus_and_the_place_as_it_is_loaded_again(
    site: str, visit: Open
) -> None:
    page = visit(f"{site}/?lang=zh&prompt={PROMPT}").settled()
    page.get_by_role("slider").first.focus()
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 140)")
    before = scrolled(page)
    with page.expect_navigation():
        page.evaluate(
            "document.dispatchEvent("
            "new CustomEvent('site-visit', { detail: 'another', cancelable: true }))"
        )
    expect(page.locator(".site-lost")).to_contain_text(SENTENCES["zh"])
    expect(page.get_by_role("slider").first).to_be_focused()
    expect(page.locator(".site-lost")).to_be_empty()
    assert scrolled(page) == before


def test_a_slider_keeps_the_focus_and_moves_on_when_the_line_is_back(
    site: str, visit: Open
) -> None:
    tab = visit("about:blank")
    page, line = tab.page, Line(tab.page)
    page.goto(f"{site}/?lang=en&prompt={PROMPT}&layer=0")
    tab.settled()
    slider = page.get_by_role("slider", name="Layer")
    slider.focus()
    line.cut()
    expect(page.locator(".site-lost")).not_to_be_empty()
    line.mend()
    expect(page.locator(".site-lost")).to_be_empty()
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("layer=1"))
