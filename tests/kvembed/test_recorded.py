"""A snapshot in the page of another site, in a real browser: no server, no network, no way out."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

import markdown
from playwright.sync_api import Frame, expect

from kvembed.install import FOLDERS, install
from kvembed.snapshot import snapshot
from kvembed.view import View
from tests.browsing import Visit, until
from tests.kvembed.foreign import quarto
from tests.kvembed.tags import Tags

LINE = '::kv-cache{page=why-not-q mode=snapshot prompt="床前 \\"明月\\" <b>" step=3 lang=zh}'
STYLE = "<style>[data-theme=dark] {background: #15171a; color: #e8e9e6}</style>"


def fits(frame: Frame) -> bool:
    """Whether nothing in a frame has to be scrolled."""
    return frame.evaluate("document.documentElement.scrollHeight === innerHeight")


def test_a_page_shows_its_snapshots_without_any_server(
    still_site, visit: Callable[..., Visit]
) -> None:
    """One is part of the page, as in Markdown, and one a file beside it, as in Sphinx."""
    body = markdown.markdown(f"# Lesson\n\n{LINE}\n\n{LINE}", extensions=["kvembed.markdown"])
    _kind, recording = Tags(body).found[2][1]["recording"].split(",", 1)
    still_site.answers["/file.html"] = ("text/html", unquote_to_bytes(recording))
    beside = '<kv-cache page="why-not-q" start="visible" recording="file.html"></kv-cache>'
    page = f'<!doctype html><html lang="en"><meta charset="utf-8">{STYLE}{body}{beside}'
    still_site.answers["/lesson"] = ("text/html", page.encode())
    opened = visit(f"{still_site.url}/lesson")
    views = opened.page.locator("kv-cache")
    assert views.nth(1).get_by_role("button").text_content() == "播放"
    for view in (views.first, views.last):
        view.scroll_into_view_if_needed()
        view.locator(".live iframe").wait_for()
        prompt = view.frame_locator(".live iframe").locator("q:visible")
        assert prompt.text_content() == '床前 "明月" <b>'

    for frame in opened.page.frames[1:]:
        assert frame.evaluate("origin") == "null"
        until(opened.page, lambda frame=frame: fits(frame))

    # A snapshot's policy forbids the eval that wait_for_function comes to at its second look.
    light = frame.evaluate("getComputedStyle(document.body).backgroundColor")
    opened.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(frame.locator("body")).not_to_have_css("background-color", light)
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"

    assert {path.split("?")[0] for path in still_site.asked} <= {
        "/lesson",
        "/file.html",
        "/poster.svg",
        "/favicon.ico",
    }
    assert not [said for said in opened.complaints if "404" not in said]


def test_a_page_of_quarto_shows_its_snapshot_in_its_own_height_and_colours(
    still_site, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    recording = snapshot(View("why-not-q", "The whale", step=3), "")
    still_site.answers["/snapshot"] = ("text/html", recording.encode())
    install("quarto", tmp_path, still_site.url)
    line = '{{< kv-cache why-not-q prompt="The%20whale" step="3" mode="snapshot" >}}'
    made, warnings = quarto(f"# Lesson\n\n{line}\n", "html", tmp_path / FOLDERS["quarto"])
    assert warnings == ""
    still_site.answers["/lesson"] = ("text/html", f"{STYLE}{made}".encode())
    opened = visit(f"{still_site.url}/lesson")
    view = opened.page.locator("kv-cache")
    view.locator(".live iframe").wait_for()
    assert view.frame_locator(".live iframe").locator("q:visible").text_content() == "The whale"
    (frame,) = opened.page.frames[1:]
    until(opened.page, lambda: fits(frame))
    opened.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    asked = {path.split("?")[0] for path in still_site.asked}
    assert "/embed.js" not in asked
    assert not [said for said in opened.complaints if "404" not in said]
