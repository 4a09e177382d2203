"""Addresses of what is made of a view: /numbers.csv, and how the server answers for all of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kvembed.view import View
from tests.opening import Open
from tests.ui.figures.test_numbers import block_of
from ui.figures import numbers
from ui.views.filenames import file_name
from ui.web import answers
from ui.web.answers import Made, OfView
from ui.web.server import routes

PROMPT = "The old man and the sea"


@pytest.fixture
def client(tiny_host: None) -> TestClient:
    return TestClient(Starlette(routes=routes()))


@pytest.mark.parametrize(
    ("page", "figure", "more"),
    [
        ("why-not-q", "matrix", {"step": "5", "view": "3.1"}),
        ("home", "cache_view", {}),
        ("growth", "growth", {"step": "3"}),
    ],
)
def test_the_file_has_the_numbers_that_the_page_shows(
    site: Open, client: TestClient, page: str, figure: str, more: dict[str, str]
) -> None:
    asked = {"prompt": PROMPT, "layer": "1", "head": "2", "lang": "zh", **more}
    shown = numbers.csv(figure, block_of(site(f"{page.replace('-', '_')}.py", **asked), figure))
    answer = client.get("/numbers.csv", params={"page": page, **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="kv-cache-{page}-layer-1' in answer.headers["content-disposition"]
    assert answer.content == shown


def test_a_race_that_is_asked_for_by_address_is_measured_by_the_server(client: TestClient) -> None:
    answer = client.get("/numbers.csv", params={"page": "timing", "prompt": "月光", "view": "8x1"})
    assert answer.status_code == 200, answer.text
    assert answer.content.count(b"recomputed,") == 8


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "page"),
        ("page=nowhere", "nowhere"),
        ("page=why-not-q&layer=99", "layer=99"),
        ("page=why-not-q&layer=x", "layer"),
        ("page=why-not-q&prompt=" + "x" * 3000, "2000"),
        ("page=why-not-q&model=../etc", "../etc"),
        ("page=why-not-q&prompt=abc&view=%3Cb%3E", "view"),
        ("page=home&prompt=a%00b", "prompt"),
    ],
)
def test_a_view_that_there_cannot_be_is_refused_in_plain_text(
    client: TestClient, query: str, told: str
) -> None:
    answer = client.get(f"/numbers.csv?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert told in answer.text


ADDRESSES = ("/poster.svg", "/card.png", "/numbers.csv", "/snapshot")
NONSENSE = (
    "",
    "page=nowhere",
    "page=home&layer=x",
    "page=home&layer=99",
    "page=home&layer=-1",
    "page=why-not-q&head=99",
    "page=why-not-q&step=0",
    "page=why-not-q&view=99.99",
    "page=timing&view=9x9",
    "page=home&model=zz",
    "page=home&lang=xx",
    "page=home&lock=zz",
    "page=home&prompt=" + "Q%20" * 200,
    "page=home&prompt=a%00b",
    "page=home&layer=1&layer=x",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_value_that_is_refused_is_refused_at_every_address(
    client: TestClient, address: str
) -> None:
    for query in NONSENSE:
        answer = client.get(f"{address}?{query}")
        assert (query, answer.status_code) == (query, 400)
        assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("key", ["utm_source", "promt"])
def test_a_key_that_is_not_of_the_contract_is_ignored(
    client: TestClient, address: str, key: str
) -> None:
    query = {"page": "why-not-q", "prompt": "abc", key: "x"}
    assert client.get(address, params=query).status_code == 200


def test_whoever_comes_when_too_many_wait_is_asked_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "MOST_WAITING", 1)
    begun, go_on = threading.Event(), threading.Event()

    def slow(_view: View, _lang: str) -> Made:
        begun.set()
        assert go_on.wait(10)
        return Made(b"made", "text/plain")

    app = Starlette(routes=[Route("/slow", OfView(slow).answer)])
    with TestClient(app) as client, ThreadPoolExecutor(1) as one:
        first = one.submit(client.get, "/slow?page=home")
        assert begun.wait(10)
        assert client.get("/slow?page=home").status_code == 503
        go_on.set()
        assert first.result().content == b"made"
        assert client.get("/slow?page=home").status_code == 200


@pytest.mark.parametrize(
    ("view", "name"),
    [
        (View("home"), "kv-cache-home.csv"),
        (View("why-not-q", model="tiny", layer=1, head=0, step=4), None),
        (View("growth", model='a"b\r\n/../月'), "kv-cache-growth-a-b.csv"),
    ],
)
def test_a_file_name_tells_what_is_in_it_and_nothing_else(view: View, name: Any) -> None:
    wanted = name or "kv-cache-why-not-q-tiny-layer-1-head-0-step-4.csv"
    assert file_name(view, "csv") == wanted


def test_what_goes_wrong_inside_is_for_the_log_alone(
    tiny_host: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch's errors name files of the machine that built it, and numbers of ours."""

    def failing(view: View, lang: str) -> Made:
        raise RuntimeError("[enforce fail at /secret/alloc_cpu.cpp:117] can't allocate memory")

    route = Route("/x", OfView(failing).answer)
    client = TestClient(Starlette(routes=[route]), raise_server_exceptions=False)
    answer = client.get("/x", params={"page": "home"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
