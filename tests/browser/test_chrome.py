"""Streamlit's own parts around the pages speak the page's language, whatever the browser's is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kvembed.snippet import HOSTS
from tests.browsing import Visit, open_all, still

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
    """Texts of the page that are in English alone."""
    known = set(HOSTS.values())
    return [
        text
        for text in page.evaluate(SAID)
        if text not in known and not CHINESE.search(text) and set(WORD.findall(text)) - LATIN
    ]


def opened(site: str, visit: Open, path: str) -> Page:
    return visit(f"{site}/{path}{'&' if '?' in path else '?'}lang=zh", height=1400).settled()


@pytest.mark.parametrize("path", ["", "why-not-q?step=3", "why-not-q?step=7", "growth", "timing"])
def test_a_chinese_page_says_nothing_in_english(site: str, visit: Open, path: str) -> None:
    page = opened(site, visit, path)
    open_all(page, race=path == "timing")
    for popover in page.locator("[data-testid=stPopover] button").all():
        popover.click()
    assert english(still(page)) == []


def test_what_opens_over_a_chinese_page_says_nothing_in_english(site: str, visit: Open) -> None:
    page = opened(site, visit, "growth")
    choices = page.get_by_role("listbox")
    token = page.get_by_role("combobox").first
    token.click()
    token.fill("zzzz")
    expect(choices).to_contain_text("没有")
    assert english(still(page)) == []
    token.press("Escape")
    expect(choices).to_have_count(0)
    page.locator(".st-key-share button").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("summary").click()
    expect(dialog.locator("img")).to_be_visible()
    for button in dialog.get_by_role("button").all():
        button.hover()
        assert english(still(page)) == []
    dialog.get_by_role("combobox").click()
    choices.get_by_role("option").first.click()
    expect(dialog).to_contain_text("lock=")
    assert english(still(page)) == []


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
