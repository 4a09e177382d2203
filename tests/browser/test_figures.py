"""The figures, as a hand and a keyboard meet them."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browsing import Line, Visit, until

Open = Callable[..., Visit]
PROMPT = "The+old+man+and+the"


def test_a_word_typed_at_the_end_is_the_only_one_computed(site: str, visit: Open) -> None:
    tab = visit(f"{site}/?lang=en&prompt={PROMPT}")
    page = tab.settled()
    counters = page.locator(".kv-counters dd")
    expect(counters.nth(1)).to_have_text("5")
    page.locator("input[type=text]").first.press("End")
    page.keyboard.type(" sea")
    expect(counters.nth(0)).to_have_text("5")
    expect(counters.nth(1)).to_have_text("1")
    page.wait_for_url(re.compile(r"prompt=The(\+|%20)old.*sea"))
    assert tab.complaints == []


def test_write_on_appends_a_token_to_the_text(site: str, visit: Open) -> None:
    page = visit(f"{site}/?lang=en&prompt={PROMPT}").settled()
    page.get_by_role("button", name="Write one token on").click()
    field = page.locator("input[type=text]").first
    expect(field).not_to_have_value("The old man and the")
    assert field.input_value().startswith("The old man and the ")


def test_arrow_keys_read_the_matrix_cell_by_cell(site: str, visit: Open) -> None:
    page = visit(f"{site}/why-not-q?lang=en&prompt={PROMPT}&step=5").settled()
    # By its name: what loads first is not always the matrix.
    box = page.get_by_role("application", name="The matrix of queries and keys")
    box.press("ArrowLeft")
    words = page.locator(".kv-words").first
    expect(words).to_contain_text(re.compile(r"query ‘␣the’ \(4\) · key ‘␣and’ \(3\): [\d≈]"))
    box.press("ArrowUp")
    box.press("ArrowRight")
    expect(words).to_contain_text("masked")


def test_a_step_that_the_player_shows_is_in_the_address(site: str, visit: Open) -> None:
    page = visit(f"{site}/growth?lang=en&prompt={PROMPT}&step=2").settled()
    expect(page.locator(".kv-sentence")).to_contain_text("Step 2 of 15")
    page.get_by_role("button", name="One step forward").click()
    expect(page.locator(".kv-sentence")).to_contain_text("Step 3 of 15")
    page.wait_for_url(re.compile(r"step=3"))


def test_a_step_taken_while_the_page_still_answers_is_not_taken_back(
    site: str, visit: Open
) -> None:
    """Neither by another view of the same run, nor by the answer to the step before it."""
    tab = visit("about:blank")
    page, line = tab.page, Line(tab.page)
    page.goto(f"{site}/growth?lang=en&prompt={PROMPT}&layer=0&step=2")
    tab.settled()
    sentence = page.locator(".kv-sentence")
    forward = page.get_by_role("button", name="One step forward")

    line.hold()
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    until(page, lambda: len(line.held) > 0)
    forward.click()
    line.release()
    page.wait_for_url(re.compile(r"layer=1.*step=3"))
    expect(sentence).to_contain_text("Step 3 of 15")

    line.hold()
    for _ in range(2):
        before = line.asked
        forward.click()
        until(page, lambda before=before: line.asked > before)
    line.release()
    page.wait_for_url(re.compile(r"step=5"))
    expect(sentence).to_contain_text("Step 5 of 15")


def test_back_returns_to_the_page_before_with_its_prompt(site: str, visit: Open) -> None:
    page = visit(f"{site}/?lang=en&prompt={PROMPT}").settled()
    page.get_by_role("link", name="Watch it grow").click()
    page.wait_for_url(re.compile(r"/growth\?.*prompt=The"))
    expect(page.locator("h1")).to_have_text("Watch the cache grow")
    page.go_back()
    expect(page.locator("h1")).to_have_text("What a decoder remembers")
    expect(page.locator("input[type=text]").first).to_have_value("The old man and the")


def test_each_page_that_one_goes_back_and_forward_to_has_only_its_own_keys(
    site: str, visit: Open
) -> None:
    page = visit(f"{site}/?lang=en&prompt={PROMPT}").settled()
    page.get_by_role("link", name="Watch it grow").click()
    page.get_by_role("button", name="One step forward").click()
    page.get_by_role("textbox", name="Replace it with").fill("dog")
    page.wait_for_url(re.compile(r"/growth\?.*step=1&view=\d%3Adog"))
    page.go_back()
    expect(page.locator("h1")).to_have_text("What a decoder remembers")
    expect(page.locator(".kv-counters")).to_be_visible()
    page.wait_for_url(lambda url: "layer=" in url and "step=" not in url and "view=" not in url)
    page.go_forward()
    expect(page.locator(".kv-sentence")).to_contain_text("Step 1 of")
    expect(page.get_by_role("textbox", name="Replace it with")).to_have_value("dog")
    page.wait_for_url(re.compile(r"/growth\?.*step=1&view=\d%3Adog"))
