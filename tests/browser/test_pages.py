"""Every page, in both languages, as a visitor's browser shows it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browsing import Server, Visit

TITLES = {
    "": ("What a decoder remembers", "解码器记住了什么"),
    "why-not-q": ("Why K and V, and not Q?", "为什么缓存 K 和 V，不缓存 Q？"),
    "growth": ("Watch the cache grow", "看缓存逐步增长"),
    "timing": ("With and without", "有缓存，没缓存"),
}
PROMPT = "The+old+man+and+the"
Open = Callable[..., Visit]


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_opens_in_its_language_without_a_complaint(
    site: str, visit: Open, path: str, lang: str
) -> None:
    tab = visit(f"{site}/{path}?lang={lang}&prompt={PROMPT}")
    page = tab.settled()
    assert page.locator("h1").first.inner_text() == TITLES[path][lang == "zh"]
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.evaluate("document.documentElement.lang").startswith(lang)
    assert tab.complaints == []


@pytest.mark.parametrize("path", TITLES)
def test_a_phone_scrolls_no_page_sideways(site: str, visit: Open, path: str) -> None:
    page = visit(f"{site}/{path}?prompt={PROMPT}", width=390).settled()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation_of_level_a_or_aa(
    site: str, visit: Open, path: str, dark: bool
) -> None:
    page = visit(f"{site}/{path}?prompt={PROMPT}", dark=dark).settled()
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(page, options={"runOnly": levels}).response["violations"]
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
    assert told == []


@pytest.mark.parametrize("path", ["why-not-q", "growth"])
def test_a_deep_link_is_the_first_request_of_a_fresh_server(
    fresh_server: Server, visit: Open, path: str
) -> None:
    page = visit(f"{fresh_server.url}/{path}?prompt={PROMPT}&layer=2").settled()
    assert page.locator("h1").first.inner_text() == TITLES[path][0]
    assert page.get_by_text("Page not found").count() == 0


def test_a_link_restores_the_view_and_the_address_names_it_all(
    smollm2_folder: object, site: str, visit: Open
) -> None:
    query = f"lang=zh&prompt={PROMPT}&model=smollm2&layer=7&head=5&step=6"
    page = visit(f"{site}/why-not-q?{query}").settled()
    keys = parse_qs(urlparse(page.url).query)
    asked = parse_qs(query)
    assert {key: keys[key] for key in asked} == asked
    assert page.get_by_role("slider").first.input_value() == "7"


def test_nonsense_in_every_key_gets_a_sentence_and_a_working_page(site: str, visit: Open) -> None:
    bad = "lang=xx&prompt=%00%07a&model=zz&layer=999&head=-1&step=%3Cb%3E&view=%27%22"
    tab = visit(f"{site}/why-not-q?{bad}")
    page = tab.settled()
    assert page.locator("[data-testid=stAlert]").count() >= 4
    assert page.locator("[data-testid=stException]").count() == 0
    assert tab.complaints == []


def test_a_prompt_with_markup_stays_text(site: str, visit: Open) -> None:
    tab = visit(f"{site}/?prompt=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%20**b**%20%24x%24")
    page = tab.settled()
    assert page.locator("img[src=x]").count() == 0
    assert tab.complaints == []
