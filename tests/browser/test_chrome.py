"""What Streamlit draws around the pages speaks the page's language, whatever the browser's is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kvembed.snippet import HOSTS
from tests.browsing import Visit

Open = Callable[..., Visit]

# Everything that is shown or said, with what it stands in. Not: code, addresses, what a picture is
# made of, and the ligatures that a font turns into icons.
SAID = """() => {
  const NAMES = ["aria-label", "aria-description", "aria-valuetext", "aria-roledescription",
    "title", "placeholder", "alt"]
  const SILENT = "style, script, noscript, pre, code, [data-testid=stIconMaterial]"
  const said = []
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot)
      if (node.closest(SILENT) || !node.checkVisibility()) continue
      for (const name of NAMES) if (node.getAttribute(name)) said.push(node.getAttribute(name))
      for (const part of node.childNodes) if (part.nodeType === 3) said.push(part.data)
    }
  }
  walk(document.body)
  return [...new Set(said.map((text) => text.trim()))]
}"""
# What a Chinese engineer writes in Latin letters too.
LATIN = {"English", "KV", "cache", "MLP", "FLOPs", "ms", "KiB", "MiB", "SmolLM2", "kv", "softmax"}
WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def english(page: Page) -> list[str]:
    """What is said on the page in English alone."""
    known = set(HOSTS.values())
    return [
        text
        for text in page.evaluate(SAID)
        if text not in known and not CHINESE.search(text) and set(WORD.findall(text)) - LATIN
    ]


def opened(site: str, visit: Open, path: str) -> Page:
    return visit(f"{site}/{path}{'&' if '?' in path else '?'}lang=zh", height=1400).settled()


def open_all(page: Page) -> None:
    """Open every expander and table, and then the badge."""
    for _ in range(2):
        closed = page.locator("details:not([open]) > summary")
        closed.evaluate_all("all => all.forEach((each) => each.click())")
        page.wait_for_timeout(500)
    for popover in page.locator("[data-testid=stPopover] button").all():
        popover.click()


@pytest.mark.parametrize("path", ["", "why-not-q?step=3", "why-not-q?step=7", "growth", "timing"])
def test_a_chinese_page_says_nothing_in_english(site: str, visit: Open, path: str) -> None:
    page = opened(site, visit, path)
    if path == "timing":
        page.get_by_role("button", name="现在用两种办法各跑一遍").click()
        expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=60_000)
    open_all(page)
    page.wait_for_timeout(500)
    assert english(page) == []


@pytest.mark.long  # on a busy machine Escape closes the dialog as well
def test_what_opens_over_a_chinese_page_says_nothing_in_english(site: str, visit: Open) -> None:
    page = opened(site, visit, "growth")
    token = page.get_by_role("combobox").first
    token.click()
    token.fill("zzzz")
    page.wait_for_timeout(500)
    assert english(page) == []
    token.press("Escape")
    page.locator(".st-key-share button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    parts = dialog.get_by_role("combobox")
    parts.click()
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    assert english(page) == []
    page.keyboard.press("Escape")
    dialog.locator("summary").click()
    expect(dialog.locator("img")).to_be_visible()
    for button in dialog.get_by_role("button").all():
        button.hover()
        page.wait_for_timeout(200)
        assert english(page) == []


def test_a_change_of_language_reaches_what_streamlit_draws(site: str, visit: Open) -> None:
    page = opened(site, visit, "")
    skip = page.locator("[data-testid=stSkipToContent]")
    expect(skip).to_have_text("跳到正文")
    page.get_by_role("radio", name="English").click()
    expect(skip).to_have_text("Skip to main content")
    page.get_by_role("radio", name="中文").click()
    expect(skip).to_have_text("跳到正文")


@pytest.mark.parametrize("path", ["", "why-not-q", "growth", "timing"])
def test_the_logo_is_a_picture_and_nothing_to_press(site: str, visit: Open, path: str) -> None:
    page = opened(site, visit, path)
    logo = page.locator(".st-key-site_top img")
    expect(logo).to_be_visible()
    assert logo.evaluate("img => img.complete && img.naturalWidth > 0")
    expect(
        page.locator("[data-testid=stElementToolbar], [data-testid=stFullScreenFrame]")
    ).to_have_count(0)
