"""Run in a copy of the project that has the page `pulse` and the language `eo`: test_added.py."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from starlette.testclient import TestClient
from streamlit.runtime import Runtime

from kvembed.contract import PARAMETERS, PLACEMENT
from kvembed.table import table
from tests.opening import MAIN, Open
from tests.ui.snapshot.test_snapshot import Document
from ui.served import host
from ui.views.pages import PAGES
from ui.web import server

ASKED = {"page": "pulse", "lang": "eo", "prompt": "Call me", "layer": "1", "head": "2"}
TITLE = "[The pulse of a token]"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KVCORE_HOME", str(tmp_path_factory.mktemp("empty")))
        patch.setattr(host, "_models", host.configured(""))
        patch.setattr(Runtime, "_instance", None)
        app = st.App(
            MAIN, lifespan=server.lifespan, routes=server.routes(), middleware=server.middleware()
        )
        with TestClient(app) as client:
            assert host.wait("tiny", 60).state == "ready"
            yield client


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_leads_to_the_new_one_and_speaks_the_new_language(
    site: Open, page: object
) -> None:
    app = site(page.file, lang="eo", prompt="Call me")
    assert not app.exception
    assert app.title[0].value == page.title["eo"]
    assert app.title[0].value.startswith("[")
    (switch,) = (each for each in app.segmented_control if each.key == "lang")
    assert "Esperanto" in switch.options
    links = [each.proto.label for each in app.get("page_link")]
    assert "[The pulse]" in links


def test_the_page_shows_its_figure_and_its_prose(site: Open) -> None:
    app = site("pulse.py", lang="eo", prompt="Call me", layer="1")
    assert not app.exception
    assert app.session_state["site_figure"].kind == "pulse"
    said = " ".join(each.value for each in app.markdown)
    assert "In 4 layers: the longer a bar" in said
    (drawn,) = (
        each for each in app.get("bidi_component") if each.proto.component_name == "kv.pulse"
    )
    assert drawn


def test_the_front_page_has_a_door_to_it(site: Open) -> None:
    said = " ".join(each.value for each in site("home.py", lang="eo").markdown)
    assert "See what the newest token takes." in said


def test_the_dialog_shares_it(site: Open) -> None:
    app = site("pulse.py", lang="eo", prompt="Call me")
    app.context |= {"url": "https://kv.example/pulse"}
    app.button(key="share").click().run()
    assert not app.exception
    (dialog,) = app.get("dialog")
    link, snippet = (code.value for code in dialog.get("code"))
    assert link.startswith("https://kv.example/pulse?lang=eo&prompt=Call%20me")
    assert 'page="pulse"' in snippet
    assert 'lang="eo"' in snippet
    assert len(dialog.get("download_button")) == 3


def test_the_document_names_both(client: TestClient) -> None:
    text = client.get("/pulse?lang=eo").text
    assert '<html lang="eo">' in text
    assert 'hreflang="eo"' in text
    assert f"<title>{TITLE} · " in text
    assert 'content="eo_EO"' in text
    assert ".st-key-figure_pulse_page" in text


def test_its_picture_and_card_are_drawn(client: TestClient) -> None:
    svg = client.get("/poster.svg", params=ASKED)
    assert svg.status_code == 200, svg.text
    assert TITLE in svg.text
    assert 'lang="eo"' in svg.text
    assert client.get("/card.png", params=ASKED).content.startswith(b"\x89PNG")


def test_its_numbers_are_a_table(client: TestClient) -> None:
    text = client.get("/numbers.csv", params=ASKED).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["pos", "token", "weight"]
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(1, abs=1e-5)


def test_its_recording_speaks_every_language(client: TestClient) -> None:
    text = client.get("/snapshot", params=ASKED).text
    data = Document(text).data
    assert data["titles"]["eo"] == TITLE
    assert data["texts"]["eo"]["caption"] == "[What the newest token takes of each]"
    assert set(data["langs"]) == {"en", "zh", "eo"}
    assert "Esperanto" in text
    assert "kv-pulse" in text


def test_the_element_and_the_plugin_know_both(client: TestClient) -> None:
    script = client.get("/embed.js").text
    (line,) = (each for each in script.splitlines() if each.startswith("const CONTRACT = "))
    told = json.loads(line.partition("= ")[2])
    assert told["pages"]["pulse"] == {"path": "pulse", "room": "900px"}
    assert told["texts"]["eo"]["poster"] == "[Show it live]"
    archive = zipfile.ZipFile(io.BytesIO(client.get("/kvembed.zip").content))
    assert "kvembed/languages/eo.py" in archive.namelist()


def test_the_table_for_authors_has_a_text_for_every_parameter() -> None:
    rows = table("eo").splitlines()
    assert len(rows) == 2 + len(PARAMETERS) + len(PLACEMENT)
    assert any("`eo`" in row for row in rows if row.startswith("| `lang`"))
    assert any("[The layer, counted from 0.]" in row for row in rows)


def test_pages_for_authors_show_both(tmp_path: Path) -> None:
    """With the directives of docs/: the table in the language, and a lesson of the page."""
    docs = Path(__file__).parents[3] / "docs"
    (tmp_path / "conf.py").write_text(
        (docs / "conf.py")
        .read_text()
        .replace("Path(__file__).parents[1]", f"Path({str(docs.parent)!r})")
        .replace("Path(__file__).parent)", f"Path({str(docs)!r}))")
        .replace('["_static"]', "[]")
    )
    (tmp_path / "index.md").write_text(
        "# Both\n\n```{contract} eo\n```\n\n```{lesson} pulse\n:lang: eo\n:prompt: Call me\n```\n"
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(tmp_path), "made"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120, capture_output=True)
    text = (tmp_path / "made" / "index.html").read_text(encoding="utf-8")
    assert "[The layer, counted from 0.]" in text
    assert '<kv-cache page="pulse"' in text
    assert 'lang="eo"' in text
    assert (tmp_path / "made" / "_static" / "kvembed" / "embed.js").is_file()
