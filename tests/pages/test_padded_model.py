"""A model with more rows than its tokenizer has ids: whatever it chooses can be shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from starlette.applications import Starlette
from starlette.testclient import TestClient

import kvcore
from kvcore.checkpoint.embedded import tiny_folder
from tests.opening import Open
from ui.served import host
from ui.web.server import routes

MODEL = "padded"
PADDED = 64  # rows without a token
PROMPT = "The old man and the sea"
EMBEDDING = "model.embed_tokens.weight"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny decoder with rows that no token has, each louder than the row it was made of."""
    folder = tmp_path_factory.mktemp("models") / MODEL
    shutil.copytree(tiny_folder(), folder)
    weights = load_file(folder / "model.safetensors")
    rows = weights[EMBEDDING]
    weights[EMBEDDING] = rows.new_empty(len(rows) + PADDED, rows.shape[1])
    weights[EMBEDDING][: len(rows)] = rows
    weights[EMBEDDING][len(rows) :] = 4 * rows[300 : 300 + PADDED]
    save_file(weights, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["vocab_size"] = len(rows) + PADDED
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


@pytest.fixture(scope="module")
def decoder(folder: Path) -> kvcore.Decoder:
    return kvcore.load(folder)


@pytest.fixture
def padded_host(site: Open, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site serves the padded model beside its own."""
    models = host.configured(f"{MODEL}={folder}")
    models[MODEL].start()
    assert models[MODEL].wait(60).state == "ready"
    monkeypatch.setattr(host, "_models", models)


def nameless(decoder: kvcore.Decoder, ids: tuple[int, ...]) -> list[int]:
    return [i for i in ids if i > decoder.tokenizer.largest_id]


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_every_id_that_the_model_chooses_has_a_label(
    decoder: kvcore.Decoder, temperature: float
) -> None:
    sampling = kvcore.SamplingParams(temperature=temperature, max_new_tokens=24)
    ids = decoder.tokenizer.encode(PROMPT)
    written = decoder.engine.generate(ids, kvcore.RunConfig(sampling=sampling)).new_ids
    strange = nameless(decoder, written)
    assert strange
    labels = decoder.tokenizer.labels(written)
    assert [label.text for label in labels if label.id in strange] == [
        f"<id {token}>" for token in strange
    ]
    plain = [token for token in written if token not in strange]
    assert decoder.tokenizer.decode(written) == decoder.tokenizer.decode(plain)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", ["home.py", "why_not_q.py", "growth.py", "timing.py"])
def test_every_page_shows_what_the_model_chose(
    padded_host: None, site: Open, page: str, lang: str
) -> None:
    app = site(page, model=MODEL, prompt=PROMPT, lang=lang, layer="1", head="2")
    assert not app.exception
    assert not app.error
    if page == "home.py":
        for _ in range(4):
            app.button(key="write_on").click().run()
            assert not app.exception
    if page == "timing.py":
        app.button(key="run").click().run()
        assert not app.exception


@pytest.mark.parametrize("path", ["numbers.csv", "poster.svg", "card.png", "snapshot"])
@pytest.mark.parametrize("page", ["home", "why-not-q", "growth", "timing"])
def test_every_answer_about_a_view_is_made(padded_host: None, path: str, page: str) -> None:
    client = TestClient(Starlette(routes=routes()))
    asked = {"page": page, "model": MODEL, "prompt": PROMPT, "lang": "en"}
    if page == "growth":
        asked["step"] = "8"
    if page == "timing":
        asked["view"] = "8x1"
    answer = client.get(f"/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    if path == "numbers.csv" and page != "why-not-q":
        assert b"<id " in answer.content
