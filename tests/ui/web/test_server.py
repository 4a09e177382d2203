"""Answers of the web server, asked without a browser."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import tomllib
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.testclient import TestClient
from streamlit.runtime import Runtime

from kvembed.languages import LANGUAGES
from kvembed.script import element_script
from tests.opening import MAIN
from ui.figures.registry import FIGURES
from ui.served import host
from ui.views.pages import PAGES
from ui.web import server, shell


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole server; the model is loaded by nothing but its start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KVCORE_HOME", str(tmp_path_factory.mktemp("empty")))
        patch.setattr(host, "_models", host.configured(""))
        patch.setattr(Runtime, "_instance", None)  # a process has one, and other tests may too
        app = st.App(
            MAIN, lifespan=server.lifespan, routes=server.routes(), middleware=server.middleware()
        )
        with TestClient(app) as client:
            yield client


def test_starting_the_server_loads_the_model_and_keeps_nobody_waiting(client: TestClient) -> None:
    assert client.get("/").status_code == 200
    assert host.wait("tiny", 60).state == "ready"


def test_health_says_how_far_each_model_is(client: TestClient) -> None:
    host.wait("tiny", 60)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "models": {"tiny": "ready", "smollm2": "absent"}}


@pytest.mark.parametrize("state", ["absent", "fetching", "loading"])
def test_a_site_is_not_well_before_its_default_model_is_ready(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(host._models["tiny"], "status", host.Status(state))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": state, "models": {"tiny": state, "smollm2": "absent"}}


def test_another_model_that_failed_leaves_the_site_well(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.wait("tiny", 60)
    monkeypatch.setattr(host._models["smollm2"], "status", host.Status("failed", reason="disk"))
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["models"]["smollm2"] == "failed"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_what_is_for_operators_is_closed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/_stcore/health", "/_stcore/metrics", "/x"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "default-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.file)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_is_named_in_its_language_before_any_script_runs(
    client: TestClient, page: object, lang: str
) -> None:
    text = client.get(f"/{page.path}", params={"lang": lang, "prompt": "<script>"}).text
    title = page.title[lang]
    assert f"<title>{title} · " in text
    assert f'<html lang="{LANGUAGES[lang].tag}">' in text
    assert "You need to enable JavaScript" not in text
    assert 'name="description"' in text


@pytest.mark.parametrize(
    ("asked", "accepted", "lang"),
    [
        ("zh", "en-US,en", "zh"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "fr,zh;q=0.5", "zh"),
        ("nonsense", "", "en"),
        ("", "", "en"),
    ],
)
def test_the_address_decides_the_language_and_then_the_browser(
    asked: str, accepted: str, lang: str
) -> None:
    assert shell.language(asked, accepted) == lang


def test_the_document_keeps_the_height_of_every_figure_free_until_it_is_drawn(
    client: TestClient,
) -> None:
    text = client.get("/").text
    for name, figure in FIGURES.items():
        place = rf"\.st-key-figure_{name}_page:not\(:has\(\[data-drawn\]\)\)"
        free = re.findall(rf"{place}\{{min-height:(\d+)px\}}", text)
        assert tuple(map(int, free)) == figure.heights


def test_the_policy_allows_exactly_the_inline_scripts_of_the_document(client: TestClient) -> None:
    answer = client.get("/growth")
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
    policy = answer.headers["content-security-policy"]
    assert scripts
    assert hashes == set(re.findall(r"'sha256-([^']+)'", policy))
    script_rule = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    # Of all that is called unsafe only this: it compiles WebAssembly, and evaluates no text.
    assert re.findall("'[^']*unsafe[^']*'", script_rule) == ["'wasm-unsafe-eval'"]
    assert "blob:" not in script_rule


def test_the_document_says_where_its_server_is(client: TestClient) -> None:
    """Else the browser asks below each page first, and complains that nothing is there."""
    script = re.search(r"<script>(.*?)</script>", client.get("/growth").text, re.DOTALL)
    assert script
    assert 'BACKEND_BASE_URL: new URL(".", location.href).href' in script[1]


def test_the_script_of_the_element_is_served_to_every_site(client: TestClient) -> None:
    answer = client.get("/embed.js")
    assert answer.content == element_script()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in answer.headers["cache-control"]


def test_scripts_travel_compressed_and_arrive_whole(client: TestClient) -> None:
    path = max(server.CompressedAssets(None).files.items(), key=lambda item: item[1].stat().st_size)
    packed = client.get(path[0], headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < path[1].stat().st_size
    assert packed.content == path[1].read_bytes()
    assert "immutable" in packed.headers["cache-control"]
    plain = client.get(path[0], headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == path[1].read_bytes()


def test_an_asset_is_compressed_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    compress = gzip.compress
    monkeypatch.setattr(
        "ui.web.assets.gzip.compress", lambda *args: calls.append(1) or compress(*args)
    )
    path = min(path for path in server.CompressedAssets(None).files if "/Text." in path)
    for _ in range(3):
        assert client.get(path, headers={"accept-encoding": "gzip"}).status_code == 200
    assert len(calls) == 1


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/%2e%2e/app.py"])
def test_no_path_leads_out_of_the_assets(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    assert "st.App" not in answer.text


def test_every_font_of_the_theme_is_served(client: TestClient) -> None:
    root = MAIN.parents[1]
    theme = tomllib.loads((root / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    sheet = (root / "assets" / "site.css").read_text("utf-8")
    faces = dict(re.findall(r'font-family: "(.*?)";[^}]*?url\("\.(.*?)"\)', sheet))
    first = {theme[name].split(",")[0] for name in ("font", "headingFont", "codeFont")}
    assert first <= faces.keys() and "fontFaces" not in theme  # which would load them anew
    for url in faces.values():
        assert client.get(url).content[:4] == b"wOF2"
    assert client.get("/assets/logo.svg").headers["content-type"].startswith("image/svg+xml")


def test_robots_may_read_everything(client: TestClient) -> None:
    assert client.get("/robots.txt").text.startswith("User-agent: *")
