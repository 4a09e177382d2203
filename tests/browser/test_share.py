"""The dialog that shares a view, as a hand, a keyboard and a screen reader meet it."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browsing import Visit, tab_to, until

Open = Callable[..., Visit]
PROMPT = "The+old+man+and+the"
VIEW = f"prompt={PROMPT}&layer=1&head=2&step=5"
NAME = "kv-cache-why-not-q-tiny-layer-1-head-2-step-5"


def opened(page: Page, button: str = "Share") -> Page:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="PNG")).to_be_visible()
    return page


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_keyboard_opens_it_copies_the_link_and_comes_back(site: str, visit: Open) -> None:
    tab = visit(f"{site}/why-not-q?lang=en&{VIEW}")
    page = tab.settled()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_focused()
    # Streamlit loads the block of code and the list of choices after what stands below them.
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_visible()
    copy_link = page.get_by_role("button", name="Copy to clipboard").first
    expect(copy_link).to_be_visible()
    tab_to(page, copy_link)
    page.keyboard.press("Enter")
    # The site's policy forbids the eval that wait_for_function comes to at its second look.
    until(page, lambda: copied(page) != "")
    link = copied(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_focused()
    assert tab.complaints == []

    expect(page.locator(".kv-words").first).to_contain_text("query ‘␣the’ (4)")
    words = page.locator(".kv-words").first.inner_text()
    again = visit(link).settled()
    expect(again.get_by_role("radio", name="5 The mask closes the column")).to_be_checked()
    for slider, value in enumerate(("1", "2")):
        expect(again.get_by_role("slider").nth(slider)).to_have_value(value)
    expect(again.locator(".kv-words").first).to_have_text(words)


@pytest.mark.parametrize(("lang", "dark"), [("en", False), ("zh", True)])
def test_axe_finds_no_violation_in_it_and_a_phone_has_room(
    site: str, visit: Open, lang: str, dark: bool
) -> None:
    tab = visit(f"{site}/why-not-q?lang={lang}&{VIEW}", width=390, dark=dark)
    page = opened(tab.settled(), "Share" if lang == "en" else "分享")
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(page, options={"runOnly": levels}).response["violations"]
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
    assert told == []
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    inside = page.get_by_role("dialog").evaluate("(box) => box.scrollWidth - box.clientWidth")
    assert inside <= 0
    assert tab.complaints == []


def test_the_figure_and_its_numbers_arrive_under_names_that_say_what_they_are(
    site: str, visit: Open, tmp_path: Path
) -> None:
    tab = visit(f"{site}/why-not-q?lang=zh&{VIEW}", dark=True)
    page = opened(tab.settled(), "分享")
    got = {}
    for ending in ("png", "svg", "csv", "html"):
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("button", name=ending.upper()).click()
        assert download.value.suggested_filename == f"{NAME}.{ending}"
        got[ending] = tmp_path / ending
        download.value.save_as(got[ending])
    svg = ElementTree.fromstring(got["svg"].read_text(encoding="utf-8"))
    png = got["png"].read_bytes()
    assert png.startswith(b"\x89PNG")
    size = [round(2 * float(svg.attrib[side])) for side in ("width", "height")]
    assert list(struct.unpack(">II", png[16:24])) == pytest.approx(size, abs=2)
    corner = page.evaluate(CORNER, list(png))
    assert sum(corner[:3]) < 3 * 64, "a picture in the dark, as the page is"
    rows = list(csv.reader(io.StringIO(got["csv"].read_text(encoding="utf-8-sig"))))
    assert len(rows) == 1 + 5 * 5
    assert got["html"].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert tab.complaints == []


# The colour of a pixel near the edge, where there is paper.
CORNER = """async (bytes) => {
  const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const ctx = canvas.getContext("2d");
  ctx.drawImage(image, 0, 0);
  return Array.from(ctx.getImageData(8, 40, 1, 1).data);
}"""
