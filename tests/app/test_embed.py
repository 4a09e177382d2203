"""Pages inside a frame of another site, and the script that puts them there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from kvembed import contract
from tests.app.conftest import Open
from ui import server
from ui.i18n import sections, translations
from ui.navigation import PAGES

LANGUAGES = ("en", "zh")
SOURCE = server.ELEMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path or "home")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_frame_has_the_figure_and_its_controls_and_no_page_around_them(
    site: Open, page: object, lang: str
) -> None:
    whole = site(page.file, lang=lang, prompt="月光")
    app = site(page.file, lang=lang, prompt="月光", embed="true")
    assert not app.exception
    assert whole.title and whole.get("page_link")
    assert not app.title
    assert not app.get("page_link")
    assert app.text_input(key="prompt").value == "月光"
    prose = {text for text in sections(page.path or "home", lang).values() if text}
    assert not {each.value for each in app.markdown} & prose
    figures = [each.proto.component_name for each in app.get("bidi_component")]
    assert "site.frame" in figures
    assert {each for each in figures if each.startswith("kv.")} <= {
        "kv.shelf",
        "kv.matrix",
        "kv.growth",
        "kv.race",
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_frame_says_what_is_wrong_and_leads_to_the_whole_page(site: Open, lang: str) -> None:
    app = site("growth.py", lang=lang, step="zz", embed="true")
    assert "step=zz" in app.warning[0].value
    frame = next(each for each in app.get("bidi_component") if "site.frame" in str(each.proto))
    assert json.loads(frame.proto.json)["label"] == translations(lang).gettext(
        "Open the whole page"
    )


def test_the_element_has_the_parameters_and_the_bounds_of_the_contract() -> None:
    names = re.search(r"const VIEW = (\[.*\])", SOURCE)
    assert names
    assert set(json.loads(names[1])) == {each.name for each in contract.PARAMETERS}
    highest = next(each.most for each in contract.PLACEMENT if each.name == "height")
    assert f"const HIGHEST = {highest}\n" in SOURCE


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs npm")
def test_the_element_is_under_six_kilobytes_minified() -> None:
    command = ["npx", "--yes", "esbuild@0.28.2", "--minify", str(server.ELEMENT)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert len(done.stdout) < 6000
