"""Tokens and steps have one name each, wherever a page says it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browsing import Visit

Open = Callable[..., Visit]
PROMPT = "The%20old%20man%20and%20the"


@pytest.mark.parametrize(
    ("lang", "said", "word"), [("en", "Step 3 of 15", "space"), ("zh", "第 3 步", "空格")]
)
def test_growth_names_a_space_and_a_step_in_one_way(
    site: str, visit: Open, lang: str, said: str, word: str
) -> None:
    tab = visit(f"{site}/growth?lang={lang}&prompt={PROMPT}&step=3")
    page = tab.settled()
    sentence, line = page.locator(".kv-sentence"), page.locator(".kv-player input[type=range]")
    expect(sentence).to_contain_text(said)
    assert line.input_value() == "3"
    heard = line.get_attribute("aria-valuetext") or ""
    assert said in heard
    fed = re.search(r"[‘“](␣\w+)[’”]", sentence.inner_text())
    assert fed, "the token that was fed has a space before it"
    assert "␣" not in heard
    assert f"{word} {fed[1][1:]}" in heard
    expect(sentence.get_by_role("img", name=word).first).to_have_text("␣")

    marks = page.locator(".kv-bars .kv-space")
    assert marks.count() > 0
    assert {mark.get_attribute("aria-label") for mark in marks.all()} == {word}
    table = page.locator("details.kv-table").first
    table.locator("summary").click()
    expect(table.locator("th").nth(1)).to_have_text("␣old (1)")
    expect(table.get_by_role("img", name=word).first).to_have_text("␣")

    square = page.get_by_role("application").first
    square.press("End")
    words = page.locator(".kv-words").first
    expect(words).to_contain_text("␣the")
    expect(words.get_by_role("img", name=word).first).to_be_attached()
    menu = page.locator("[data-testid=stSelectbox]").first
    assert re.search(r"␣\w+ \(\d\)", menu.inner_text() + menu.locator("input").input_value())
    assert not tab.complaints


@pytest.mark.parametrize(("lang", "word"), [("en", "space"), ("zh", "空格")])
def test_the_front_page_says_the_spaces_of_what_may_come_next(
    site: str, visit: Open, lang: str, word: str
) -> None:
    page = visit(f"{site}/?lang={lang}&prompt={PROMPT}").settled()
    expect(page.locator(".kv-bars li").first).to_be_visible()
    tree = page.locator(".kv-bars").aria_snapshot()
    assert f'img "{word}"' in tree
