"""A page that forbids most, or a frame that may do little: it works, or says what it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

import kvcore
from kvembed import html
from kvembed.placement import Placement
from kvembed.poster import data_url
from kvembed.view import View
from tests.browser.lesson import Lesson, element
from tests.browsing import Visit, started, until
from ui.snapshot.make import snapshot

Open = Callable[..., Visit]

VIEW = View("growth", "The whale")
PLACED = Placement(start="visible")
FILE = '<script src="/embed.js"></script>'


@pytest.fixture(scope="module")
def recording() -> str:
    return snapshot(VIEW, "", kvcore.load("tiny"))


def policy(recording: str, source: str) -> str:
    """The policy in docs/privacy.md: where scripts and frames come from, and the two hashes."""
    script, style = re.findall(r"(?:script|style)-src &#x27;(sha256-[^&]+)&#x27;", recording)
    return (
        f"default-src 'none'; script-src {source} '{script}'; style-src '{style}'; "
        f"frame-src {source}; img-src data:"
    )


@pytest.mark.parametrize("where", ["a file of the site", "part of the page"])
def test_a_recording_plays_where_everything_else_is_forbidden(
    lesson: Lesson, visit: Open, recording: str, where: str
) -> None:
    is_file = where == "a file of the site"
    lesson.files["/recording.html"] = ("text/html", recording)
    address = "recording.html" if is_file else data_url("text/html", recording.encode())
    body = html.element(VIEW, PLACED, "", "A picture", address)
    body += FILE if is_file else html.inline_script()
    tab = visit(lesson.show(body, policy(recording, "'self'" if is_file else "data:")))
    frame = started(tab.page)
    expect(frame.locator(".kv-sentence")).to_contain_text("Step 0 of 15")
    assert tab.complaints == []


def test_a_recording_that_cannot_be_played_says_so_and_speaks_of_no_server(
    lesson: Lesson, visit: Open
) -> None:
    body = html.element(VIEW, PLACED, "", "A picture", "recording.html") + FILE
    page = visit(lesson.show(body, "default-src 'none'; script-src 'self'")).page
    expect(page.get_by_role("status")).to_contain_text("a Content-Security-Policy")
    expect(page.get_by_role("status")).not_to_contain_text("server")
    expect(page.get_by_text("A picture")).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "lacks allow-same-origin"), ("zh", "没有 allow-same-origin")]
)
def test_a_view_in_a_sandbox_without_an_origin_says_what_it_lacks(
    site: str, lesson: Lesson, visit: Open, lang: str, said: str
) -> None:
    src = VIEW.url(site, embed=True) + f"&lang={lang}"
    frame = f'<iframe src="{html.escape(src)}" sandbox="allow-scripts{{}}" title="A view"></iframe>'
    page = visit(lesson.show(frame.format(""))).page
    sentence = page.frames[1].locator("#kv-sandboxed")
    expect(sentence).to_be_visible()
    expect(sentence).to_contain_text(said)
    page.goto(lesson.show(frame.format(" allow-same-origin")))
    until(page, lambda: page.frames[1].locator(".kv-sentence").count() == 1)
    expect(page.frames[1].locator("#kv-sandboxed")).to_be_hidden()


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "lacks allow-same-origin"), ("zh", "没有 allow-same-origin")]
)
def test_a_page_in_a_sandbox_without_an_origin_says_what_it_lacks_and_speaks_of_no_server(
    site: str, lesson: Lesson, visit: Open, lang: str, said: str
) -> None:
    body = f"<p lang={lang}>{element(site, start='visible')}{html.script(site)}"
    lesson.files["/page"] = ("text/html", body)
    frame = '<iframe src="/page" sandbox="allow-scripts{}" title="A page" height="900"></iframe>'
    page = visit(lesson.show(frame.format(""))).page
    sentence = page.frames[1].get_by_role("status")
    expect(sentence).to_contain_text(said)
    expect(page.frames[1].get_by_alt_text("A matrix")).to_be_visible()
    button = page.frames[1].locator("kv-cache button")
    expect(button).to_be_hidden()  # trying again cannot help
    lesson.files["/recording.html"] = ("text/html", "<p>A recording")
    page.frames[1].locator("kv-cache").evaluate(
        "it => it.setAttribute('recording', '/recording.html')"
    )
    expect(button).to_be_visible()
    page.goto(lesson.show(frame.format(" allow-same-origin")))
    expect(page.frames[1].locator("kv-cache .live")).to_be_attached()


def test_a_recording_plays_in_a_page_in_a_sandbox_without_an_origin(
    lesson: Lesson, visit: Open, recording: str
) -> None:
    lesson.files["/recording.html"] = ("text/html", recording)
    body = html.element(VIEW, PLACED, "", "A picture", "recording.html") + FILE
    lesson.files["/page"] = ("text/html", body)
    frame = '<iframe src="/page" sandbox="allow-scripts" title="A page" height="900"></iframe>'
    tab = visit(lesson.show(frame))
    expect(tab.page.frames[1].locator("kv-cache .live")).to_be_attached()
    assert tab.complaints == []
