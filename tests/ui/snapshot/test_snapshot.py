"""Snapshots: what one file holds, how large it is, and that no text breaks out of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zlib
from base64 import b64decode
from collections import Counter
from copy import copy
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

import kvcore
from kvcore.__main__ import main
from kvembed.languages import LANGUAGES
from kvembed.view import View
from tests.kvembed.prompts import NASTY, PROMPTS
from tests.unfolding import unfold
from ui.record.derive import attention
from ui.record.record import Rows, read
from ui.snapshot.make import snapshot
from ui.snapshot.page import document as as_document
from ui.snapshot.recording import record as recorded
from ui.views.address import clean
from ui.views.block import block_for, block_of
from ui.views.resolved import resolve
from ui.web.server import routes

FRONTEND = Path(__file__).parents[3] / "ui" / "snapshot" / "frontend"
PROMPT = "The old man and the"
VOID = ("br", "input", "link", "meta")
PAGES = ("home", "why-not-q", "growth", "timing")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


@pytest.fixture(scope="module")
def decoder(tiny_loaded: Any) -> kvcore.Decoder:
    return tiny_loaded.decoder


class Document(HTMLParser):
    """A document as a browser's parser takes it apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[dict[str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes.append(dict(attrs))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]][-1] += data

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    @property
    def data(self) -> Any:
        return json.loads(self.texts["script"][0])

    @property
    def block(self) -> bytes:
        return zlib.decompress(b64decode(self.data["block"]))


def tokens(decoder: kvcore.Decoder, n: int) -> str:
    """A text of so many tokens."""
    words = decoder.tokenizer.encode("The whale is a fish with a horizontal tail. " * 9)
    text = decoder.tokenizer.decode(words[:n])
    assert len(decoder.tokenizer.encode(text)) == n
    return text


def test_64_tokens_in_four_layers_stay_under_400_kb(decoder: kvcore.Decoder) -> None:
    view = View("why-not-q", prompt=tokens(decoder, 64))
    document = snapshot(view, "https://kv.example.org", decoder)
    record = read(Document(document).block).record
    assert record.q and record.q.values.shape == (64, 4, 6, 32)  # all layers, all heads
    assert (
        record.k and record.v and record.k.values.shape == record.v.values.shape == (64, 4, 2, 32)
    )
    assert len(document.encode()) < 400_000


def test_recordings_weigh_what_the_documentation_says(decoder: kvcore.Decoder) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "snapshots.md").read_text(encoding="utf-8")
    (short,) = re.findall(r"of 8 tokens: (\d+) KB .*?, (\d+) KB .*?, (\d+) KB", docs)
    (long,) = re.findall(r"of 63 tokens: (\d+), (\d+) and (\d+) KB", docs)
    for n, said in ((8, short), (63, long)):
        for page, kilobytes in zip(("home", "growth", "why-not-q"), said, strict=True):
            document = snapshot(View(page, prompt=tokens(decoder, n)), "", decoder)
            assert len(document.encode()) / 1000 == pytest.approx(int(kilobytes), rel=0.1)


@pytest.mark.parametrize("page", ["home", "growth", "timing"])
def test_other_pages_record_the_block_of_their_figure(page: str, decoder: kvcore.Decoder) -> None:
    view = View(page, prompt=PROMPT, view="8x1" if page == "timing" else None, lang="zh")
    meta, arrays = unfold(Document(snapshot(view, "", decoder)).block)
    theirs, drawn = unfold(block_for(view, "zh", decoder)[1])
    assert meta | {"text": theirs["text"]} == theirs  # it has the words of every language
    for name, array in drawn.items():
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize("page", PAGES)
def test_every_word_of_a_figure_is_there_in_both_languages(
    page: str, decoder: kvcore.Decoder
) -> None:
    document = Document(snapshot(View(page, prompt=PROMPT), "", decoder))
    texts = document.data["texts"]
    assert set(texts) == set(document.data["titles"]) == set(LANGUAGES)
    assert texts["en"].keys() == texts["zh"].keys()
    assert texts["en"] != texts["zh"]
    said = Counter(each["data-lang"] for each in document.attributes if "data-lang" in each)
    assert said["en"] == said["zh"] > 3


def test_a_document_forbids_itself_every_request_and_every_other_script(
    decoder: kvcore.Decoder,
) -> None:
    document = Document(snapshot(View("home", prompt=PROMPT), "", decoder))
    policy = next(each["content"] for each in document.attributes if "http-equiv" in each)
    assert policy and policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not [each for each in document.attributes if "src" in each]
    assert {each["href"] for each in document.attributes if "href" in each} == {"data:,"}


def test_a_recording_says_when_on_what_and_where_it_is_live(decoder: kvcore.Decoder) -> None:
    view = View("growth", prompt=PROMPT, layer=2, lang="zh")
    document = snapshot(view, "https://kv.example.org", decoder)
    links = {each["href"] for each in Document(document).attributes if "href" in each}
    assert view.url("https://kv.example.org") in links
    assert re.search(r"A recording of \d{4}-\d\d-\d\d\.", document)
    assert "cores" in document
    assert "Tiny, our own" in document


def test_steps_layers_and_heads_can_be_picked_unless_an_author_locked_them(
    decoder: kvcore.Decoder,
) -> None:
    def kinds(lock: tuple[str, ...]) -> dict[str, set[str | None]]:
        view = View("why-not-q", prompt=PROMPT, step=4, layer=2, lang="en", lock=lock)
        found: dict[str, set[str | None]] = {}
        for each in Document(snapshot(view, "", decoder)).attributes:
            if each.get("name") in ("lang", "step", "layer", "head"):
                found.setdefault(str(each["name"]), set()).add(each["type"])
        return found

    free = {"lang": {"radio"}, "step": {"radio"}, "layer": {"range"}, "head": {"range"}}
    assert kinds(()) == free
    assert kinds(("step", "head")) == free | {"step": {"hidden"}, "head": {"hidden"}}
    assert kinds(("all",)) == {name: {"hidden"} for name in free}


def shape(document: str) -> tuple[Any, ...]:
    """Tags and attributes, and every script and sheet that runs."""
    read = Document(document)
    return Counter(read.tags), read.texts["script"][1], read.texts["style"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(prompt=PROMPTS)
@pytest.mark.parametrize("page", ["home", "why-not-q"])
def test_no_prompt_changes_what_a_document_is(
    page: str, decoder: kvcore.Decoder, prompt: str
) -> None:
    prompt = f"I {prompt}"[:32]  # a character is up to 4 tokens, and 128 are read
    plain = snapshot(View(page, prompt="I am"), "https://kv.example.org", decoder)
    document = snapshot(View(page, prompt=prompt), "https://kv.example.org", decoder)
    assert shape(document) == shape(plain)
    assert Document(document).texts["q"] == [clean(prompt)[0]] * 2


def test_words_that_are_markup_stay_in_their_data(decoder: kvcore.Decoder) -> None:
    of = resolve(View("timing", prompt=PROMPT, view="8x1"), "en", decoder)
    made = recorded(of, *block_of(of), ())
    made = replace(made, texts={"en": {"label": "</script><b>"}, "zh": {}})
    read = Document(as_document(of, made, lang="en", link="", locked=()))
    assert read.data["texts"]["en"] == {"label": "</script><b>"}
    assert "b" not in read.texts


def test_everything_nasty_at_once_survives_as_text(decoder: kvcore.Decoder) -> None:
    prompt = NASTY[-1][:120]
    for page in ("growth", "timing"):
        view = View(page, prompt=prompt, view="8x1" if page == "timing" else None)
        read = Document(snapshot(view, "", decoder))
        assert read.texts["q"] == [clean(prompt)[0]] * 2
        assert len(read.texts["script"]) == 2


CELL = """
import { readFileSync } from "node:fs";
import { unfold } from "../../../kvfront/figures/matrix/scene.js";
import { unpack } from "../../../kvfront/record/pack.js";
import { take } from "./cell.js";
const { meta, arrays } = unfold(unpack(new Uint8Array(readFileSync(0))));
const all = meta.tokens.map((_, i) => i);
const cells = all.flatMap((row) => all.map((col) => take(arrays, row, col)));
process.stdout.write(JSON.stringify(cells));
"""


@needs_node
def test_the_arithmetic_of_a_cell_is_the_engines(decoder: kvcore.Decoder) -> None:
    head = 4
    view = View("why-not-q", prompt=PROMPT, layer=2, head=head)
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", CELL],
        input=block_for(view, "en", decoder)[1],
        capture_output=True,
        cwd=FRONTEND,
        check=True,
        timeout=30,
    )
    ids = decoder.tokenizer.encode(PROMPT)
    seen = kvcore.look(decoder.engine.session().update(ids), 2, queries="all")
    cells = [(row, col) for row in range(len(ids)) for col in range(len(ids))]
    for (row, col), said in zip(cells, json.loads(answer.stdout), strict=True):
        ours = kvcore.cell(seen, head, row, col)
        assert said["visible"] == ours.visible
        np.testing.assert_allclose(said["products"], ours.products, rtol=2e-4, atol=1e-5)
        names = {"dot": "dot", "score": "score", "top": "row_max", "exp": "exp"}
        for name, theirs in (names | {"total": "exp_sum", "weight": "weight"}).items():
            assert said[name] == pytest.approx(getattr(ours, theirs), rel=1e-4, abs=1e-5), name


def carried(document: Document) -> list[Rows]:
    record = read(document.block).record
    return [rows for rows in (record.q, record.k, record.v) if rows]


def test_a_large_model_is_recorded_in_one_layer(
    decoder: kvcore.Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.snapshot.recording.MOST_VALUES", 10_000)
    document = Document(snapshot(View("why-not-q", prompt="a " * 30, layer=2), "", decoder))
    assert [rows.layers for rows in carried(document)] == [(2,)] * 3
    assert [each["value"] for each in document.attributes if each.get("name") == "layer"] == ["2"]


def test_layers_with_windows_of_their_own_keep_them_in_a_recording(
    decoder: kvcore.Decoder,
) -> None:
    config = replace(decoder.config, window=(None, 2, None, 2))
    engine = copy(decoder.engine)
    engine.model = copy(decoder.engine.model)
    engine.model.config = config
    mixed = replace(decoder, config=config, engine=engine)
    document = Document(snapshot(View("why-not-q", prompt=PROMPT), "", mixed))
    assert [rows.layers for rows in carried(document)] == [(0, 1, 2, 3)] * 3
    record = read(document.block).record
    step = engine.session().update(decoder.tokenizer.encode(PROMPT))
    for layer in range(4):
        mask = kvcore.look(step, layer, queries="all").mask
        np.testing.assert_array_equal(attention(record, layer, 0).mask, mask)


@pytest.fixture
def client(tiny_host: None) -> TestClient:
    found = [route for route in routes() if isinstance(route, Route) and route.path == "/snapshot"]
    return TestClient(Starlette(routes=found), base_url="https://kv.example.org")


def test_anyone_may_ask_for_a_snapshot_by_the_address_of_its_view(client: TestClient) -> None:
    view = View("why-not-q", prompt="</script>", step=5, layer=1, lang="zh", lock=("lang",))
    answer = client.get(view.resource("https://kv.example.org", "snapshot"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="kv-cache-why-not-q-layer-1-step-5.html"'
    )
    links = {each["href"] for each in Document(answer.text).attributes if "href" in each}
    assert view.url("https://kv.example.org") in links


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"page": "nowhere"}, "nowhere"),
        ({"page": "home", "layer": "9"}, "layer=9 is out of range"),
        ({"page": "why-not-q", "prompt": "A"}, "1 token has no past"),
        ({"page": "home", "model": "smollm2"}, "no model named 'smollm2'"),
    ],
)
def test_what_there_is_not_gets_a_sentence(
    client: TestClient, asked: dict[str, str], told: str
) -> None:
    answer = client.get("/snapshot", params=asked)
    assert answer.status_code == 400
    assert told in answer.text


def test_the_command_writes_the_file_and_says_how_large_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.html"
    asked = ["why-not-q", "--prompt", PROMPT, "--step", "3", "--layer=1", "--lang", "zh"]
    assert main(["snapshot", *asked, "--server", "https://kv.example.org", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: {path.stat().st_size / 1000:.0f} KB\n"
    read = Document(path.read_text(encoding="utf-8"))
    assert read.data["lang"] == "zh"
    assert {"type": "radio", "name": "step", "value": "3", "checked": None} in read.attributes


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["home", "--prompt", ""], "the prompt is empty"),
        (["nowhere"], "page='nowhere' is not one of home"),
        (["home", "--layer", "x"], "layer='x' is not a whole number"),
        (["home", "--model", "/no/such"], "no folder /no/such"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(
    asked: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["snapshot", *asked]) == 1
    assert told in capsys.readouterr().err


def test_where_the_site_is_not_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kvcore.commands.snapshot.SITE", "no_site.snapshot.command")
    assert main(["snapshot", "home"]) == 1
    told = "snapshots are made by the site, and no_site is not here: run `python -m kvcore snap"
    assert capsys.readouterr().err.startswith(told)
