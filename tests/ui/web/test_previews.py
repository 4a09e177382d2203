"""A view as other sites are told of it: /poster.svg, /card.png, /oembed and the document's head."""

from __future__ import annotations

import struct
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kvembed.contract import PAGES
from kvembed.languages import LANGUAGES
from kvembed.view import View
from ui.served.later import LaterError
from ui.served.memo import ByteMemo
from ui.still import pictures as painted
from ui.still import raster
from ui.web import pictures, previews, public
from ui.web.server import routes

SITE = "http://testserver"
HOSTILE = "\"><script>alert(1)</script>' & 床前 👩‍👩‍👧"


@pytest.fixture
def client(tiny_host: None, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(pictures, "_made", ByteMemo(1 << 20))
    return TestClient(Starlette(routes=routes()))


class Tags(HTMLParser):
    """The tags of a document with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.found if name == tag]


class Head:
    """The metas, links and scripts of a document."""

    def __init__(self, text: str) -> None:
        tags = Tags(text)
        self.links, self.scripts = tags.named("link"), len(tags.named("script"))
        named = ((meta.get("property") or meta.get("name"), meta) for meta in tags.named("meta"))
        self.metas = {name: meta["content"] for name, meta in named if name}


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("page", PAGES)
def test_the_poster_of_a_view_is_answered_to_every_site(client: TestClient, page: str) -> None:
    found = client.get("/poster.svg", params={"page": page, "prompt": "月光如水", "lang": "zh"})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"].startswith("image/svg+xml")
    assert found.headers["access-control-allow-origin"] == "*"
    assert found.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in found.headers["cache-control"]
    root = ElementTree.fromstring(found.content)
    assert root[0].text == PAGES[page].title["zh"]


def test_a_poster_is_drawn_once_whoever_asks_and_whatever_is_locked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"page": "why-not-q", "prompt": "the sea", "lang": "en"}
    first = client.get("/poster.svg", params=asked).content
    monkeypatch.setattr(painted, "block_for", None)
    assert client.get("/poster.svg", params=asked | {"lock": "prompt"}).content == first


def test_the_card_is_a_picture_in_the_shape_of_a_link_preview(client: TestClient) -> None:
    found = client.get("/card.png", params={"page": "why-not-q", "prompt": "月光", "lang": "zh"})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "image/png"
    assert size_of(found.content) == (1200, 630)


def test_a_picture_that_cannot_be_drawn_says_when_to_ask_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster, "_PROGRAM", "/nowhere.py")
    found = client.get("/card.png?page=home")
    assert found.status_code == 503
    assert "/nowhere.py" not in found.text


@pytest.mark.parametrize("path", ["/poster.svg", "/card.png"])
@pytest.mark.parametrize("query", ["", "page=x", "page=home&layer=99", "page=growth&step=-1"])
def test_nonsense_gets_a_sentence(client: TestClient, path: str, query: str) -> None:
    found = client.get(f"{path}?{query}")
    assert found.status_code == 400
    assert found.headers["content-type"].startswith("text/plain")
    assert len(found.text) > 20


def test_a_model_that_fails_says_when_to_ask_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(name: str) -> None:
        raise LaterError("the model 'tiny' is failed, not ready")

    monkeypatch.setattr(painted.host, "ready", failing)
    found = client.get("/poster.svg?page=home&prompt=never+asked+before")
    assert found.status_code == 503
    assert found.headers["retry-after"].isdecimal()


@pytest.mark.parametrize("page", PAGES)
def test_the_head_of_a_page_leads_to_its_card_and_its_embed(client: TestClient, page: str) -> None:
    view = View(page, prompt=HOSTILE, layer=1, head=2, lang="zh")
    head = Head(client.get(view.url(SITE).removeprefix(SITE)).text)
    assert head.metas["og:title"] == PAGES[page].title["zh"]
    assert HOSTILE in head.metas["og:description"]
    assert head.metas["og:url"] == view.url(SITE)
    assert head.metas["og:image"] == view.resource(SITE, "card.png")
    assert head.metas["twitter:card"] == "summary_large_image"
    assert client.get(head.metas["og:image"]).status_code == 200
    [link] = [each for each in head.links if each.get("type") == "application/json+oembed"]
    assert link["rel"] == "alternate"
    answered = client.get(link["href"]).json()
    assert view.url(SITE, embed=True).replace("&", "&#38;") in answered["html"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_javascript_shows_its_picture(client: TestClient, page: str) -> None:
    view = View(page, prompt=HOSTILE, lang="zh")
    text = client.get(view.url(SITE).removeprefix(SITE)).text
    [picture] = Tags(text.split("<noscript>")[1].split("</noscript>")[0]).named("img")
    assert picture["alt"] == PAGES[page].title["zh"]
    found = client.get(urljoin(f"{SITE}/{PAGES[page].path}", picture["src"]))
    assert found.headers["content-type"].startswith("image/svg+xml")


def test_a_page_adds_no_script_for_any_prompt(client: TestClient) -> None:
    plain = Head(client.get("/growth").text)
    query = urlencode({"prompt": HOSTILE, "view": HOSTILE, "model": HOSTILE, "layer": HOSTILE})
    hostile = Head(client.get(f"/growth?{query}").text)
    assert hostile.scripts == plain.scripts
    assert hostile.metas.keys() == plain.metas.keys()


def test_nonsense_in_an_address_is_left_out_of_its_preview() -> None:
    query = {"prompt": "a b", "layer": "x", "head": "2", "step": "99999", "lang": "xx", "foo": "1"}
    assert previews.of_query("growth", query, "en") == View(
        "growth", prompt="a b", head=2, lang="en"
    )
    assert previews.of_query("", {"prompt": "x" * 3000}, "zh") == View("home", lang="zh")


@given(texts=st.dictionaries(st.sampled_from(["prompt", "view", "model", "step"]), st.text()))
def test_any_address_has_a_preview_that_is_only_text(texts: dict[str, str]) -> None:
    found = previews.head(previews.of_query("why-not-q", texts, "en"), SITE)
    head = Head(found)
    assert not head.scripts
    assert len(head.metas) == 12
    assert len(head.links) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_oembed_answers_with_a_frame_of_the_view(client: TestClient, lang: str) -> None:
    view = View("why-not-q", prompt="the sea", step=4, lang=lang)
    found = client.get("/oembed", params={"url": view.url(SITE), "format": "json"})
    assert found.headers["content-type"].startswith("application/json")
    said = found.json()
    assert (said["version"], said["type"]) == ("1.0", "rich")
    assert said["title"] == PAGES["why-not-q"].title[lang]
    assert said["provider_url"] == SITE
    assert said["html"].startswith("<iframe ")
    assert said["html"].endswith("></iframe>")
    assert {"width", "height", "provider_name"} <= said.keys()
    picture = client.get(said["thumbnail_url"])
    assert size_of(picture.content) == (said["thumbnail_width"], said["thumbnail_height"])


@pytest.mark.parametrize(("asked", "wide", "high"), [({}, 800, 720), ({"maxwidth": "0"}, 800, 720)])
def test_oembed_has_a_size_of_its_own(
    client: TestClient, asked: dict[str, str], wide: int, high: int
) -> None:
    said = client.get("/oembed", params={"url": f"{SITE}/growth", **asked}).json()
    assert (said["width"], said["height"]) == (wide, high)


def test_oembed_keeps_to_the_limits_it_is_given(client: TestClient) -> None:
    asked = {"url": f"{SITE}/growth", "maxwidth": "480", "maxheight": "300"}
    said = client.get("/oembed", params=asked).json()
    assert (said["width"], said["height"]) == (480, 300)
    assert 'height="300"' in said["html"]
    assert "thumbnail_url" not in said, "the picture is larger than that"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"url": f"{SITE}/growth", "format": "xml"}, 501),
        ({}, 400),
        ({"url": f"{SITE}/growth", "maxwidth": "wide"}, 400),
        ({"url": f"{SITE}/growth", "maxwidth": "²"}, 400),
        ({"url": "https://elsewhere.example/growth"}, 404),
        ({"url": f"{SITE}.evil.example/growth"}, 404),
        ({"url": f"{SITE}@evil.example/growth"}, 404),
        ({"url": f"{SITE}/nowhere"}, 404),
        ({"url": f"{SITE}/growth?layer=x"}, 404),
        ({"url": "javascript:alert(1)"}, 404),
    ],
)
def test_oembed_refuses_what_is_not_ours(
    client: TestClient, query: dict[str, str], status: int
) -> None:
    found = client.get("/oembed", params=query)
    assert found.status_code == status
    assert found.headers["content-type"].startswith("text/plain")


def test_the_address_that_an_operator_sets_goes_before_the_one_that_was_asked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "_configured", "https://kv.example.org/cache")
    head = Head(client.get("/growth").text)
    assert head.metas["og:url"].startswith("https://kv.example.org/cache/growth?")
    asked = {"url": "https://kv.example.org/cache/growth"}
    assert "https://kv.example.org/cache/growth" in client.get("/oembed", params=asked).text


def test_a_host_that_is_no_name_of_one_is_never_linked_to(client: TestClient) -> None:
    answered = client.get("/growth", headers={"host": 'a"><script>'})
    assert Head(answered.text).metas["og:url"].startswith(f"{SITE}/growth")
    answered = client.get("/growth", headers={"host": "a:0"})
    assert answered.status_code == 200
    assert "og:url" not in answered.text
    assert client.get("/oembed?url=x", headers={"host": "a:0"}).status_code == 400


def test_a_memo_never_holds_more_than_its_bytes() -> None:
    memo, made = ByteMemo(100), []

    def make(size: int) -> bytes:
        made.append(size)
        return bytes(size)

    for size in np.random.default_rng(0).integers(1, 60, 50).tolist():
        assert memo.get(size, lambda size=size: make(size)) == bytes(size)
        assert memo.held <= 100
    before = len(made)
    assert memo.get(size, lambda: b"") == bytes(size)
    assert len(made) == before
    assert memo.get("large", lambda: bytes(101)) == bytes(101)
    assert memo.held == 0
