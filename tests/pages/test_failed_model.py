"""A model that cannot be loaded: what visitors are told, and what only the operator reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kvcore.checkpoint.embedded import tiny_folder
from tests.opening import Open
from ui.served import host
from ui.web.server import routes

PAGES = ["home", "why-not-q", "growth", "timing"]


@pytest.fixture(params=["empty", "no weights", "damaged", "no tokenizer"])
def folder(
    request: pytest.FixtureRequest,
    site: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The default model lies in a folder that is no model, each in another way."""
    folder = tmp_path / "a-folder-nobody-should-read-of"
    folder.mkdir()
    whole = {file.name: file.read_bytes() for file in tiny_folder().iterdir() if file.is_file()}
    kept = {
        "empty": {},
        "no weights": {"config.json": whole["config.json"]},
        "damaged": whole | {"model.safetensors": whole["model.safetensors"][:999]},
        "no tokenizer": whole | {"tokenizer.json": b"{}"},
    }
    for name, data in kept[request.param].items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(host, "_models", host.configured(f"broken={folder}"))
    host.start("broken")
    assert host.wait("broken", 60).state == "failed"
    return folder


def assert_tells_no_path(text: str, folder: Path) -> None:
    for part in folder.parts[1:]:
        assert part not in text


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_that_the_model_failed_and_names_no_folder(
    folder: Path, site: Open, page: str, lang: str
) -> None:
    file = {"home": "home.py"}.get(page, f"{page.replace('-', '_')}.py")
    app = site(file, lang=lang)
    assert not app.exception
    assert len(app.error) == 1
    shown = [str(element.proto) for element in app.main]
    assert_tells_no_path("\n".join(shown), folder)


@pytest.mark.parametrize("path", ["healthz", "numbers.csv", "poster.svg", "card.png", "snapshot"])
def test_an_answer_says_so_with_status_503_and_names_no_folder(folder: Path, path: str) -> None:
    client = TestClient(Starlette(routes=routes()))
    for page in PAGES:
        answer = client.get(f"/{path}", params={"page": page})
        assert answer.status_code == 503
        assert "failed" in answer.text
        assert_tells_no_path(answer.text + str(answer.headers), folder)


def test_health_gives_the_reason_in_a_sentence(folder: Path) -> None:
    answer = TestClient(Starlette(routes=routes())).get("/healthz").json()
    assert answer["status"] == answer["models"]["broken"] == "failed"
    assert answer["reason"] == "The model could not be loaded from its folder."
