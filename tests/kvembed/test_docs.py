"""The documentation for authors: built with warnings as errors, by the plugin that it is about."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kvembed.contract import MAX_PROMPT_TOKENS, PAGES, PARAMETERS, PLACEMENT
from kvembed.languages import DEFAULT
from kvembed.snippet import FORMATS
from kvembed.view import View
from tests.kvembed.tags import Tags

ROOT = Path(__file__).parents[2]
NAMES = {parameter.name for parameter in PARAMETERS}


@pytest.fixture(scope="module")
def docs(site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of `make docs`, with the pictures of a real site."""
    target = tmp_path_factory.mktemp("docs")
    made = subprocess.run(
        [sys.executable, "docs/build.py", str(target)],
        cwd=ROOT,
        env=os.environ | {"KVEMBED_SERVER": site},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, ""), made.stdout + made.stderr
    return target


@pytest.mark.parametrize("name", ["gallery", "gallery-zh"])
def test_the_gallery_has_lessons_of_every_page_in_its_language(docs: Path, name: str) -> None:
    tags = Tags((docs / f"{name}.html").read_text(encoding="utf-8"))
    lessons = [attributes for tag, attributes in tags.found if tag == "kv-cache"]
    assert len(lessons) >= 6
    assert {lesson["page"] for lesson in lessons} == set(PAGES)
    assert {lesson.get("lang", "en") for lesson in lessons} == {
        "zh" if name.endswith("zh") else DEFAULT
    }
    assert tags.names().count("details") == len(lessons) * len(FORMATS)


def test_the_gallery_has_the_same_lessons_in_each_language() -> None:
    first, second = (
        re.findall(r"^```{lesson} (.*)$|^:(step): (.*)$", path.read_text("utf-8"), re.MULTILINE)
        for path in (ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery-zh.md")
    )
    assert first == second


def test_every_view_has_its_own_picture_and_leads_where_it_says(docs: Path, site: str) -> None:
    for page in docs.glob("*.html"):
        tags = Tags(page.read_text(encoding="utf-8"))
        for number, (tag, attributes) in enumerate(tags.found):
            if tag == "kv-cache":
                (_, link), (_, image) = tags.found[number + 1 : number + 3]
                known = {name: attributes[name] for name in NAMES & attributes.keys()}
                assert View.from_url(link["href"], site) == View.read(attributes["page"], known)
                assert (docs / image["src"]).stat().st_size > 5000
                assert image["alt"]


@pytest.mark.parametrize("page", ["parameters", "zh"])
def test_the_parameters_are_those_of_the_contract(docs: Path, page: str) -> None:
    text = (docs / f"{page}.html").read_text(encoding="utf-8")
    cells = [
        f'<span class="pre">{parameter.name}</span>' for parameter in (*PARAMETERS, *PLACEMENT)
    ]
    assert all(cell in text for cell in cells)


def test_the_snapshot_travels_with_the_pages(docs: Path) -> None:
    text = (docs / "snapshots.html").read_text(encoding="utf-8")
    recording = Tags(text).only("kv-cache")["recording"]
    assert 50_000 < (docs / recording).stat().st_size < 400_000


def test_the_pages_say_how_much_of_a_prompt_is_read(docs: Path) -> None:
    said = (docs / "troubleshooting.html").read_text(encoding="utf-8")
    assert f"The model reads {MAX_PROMPT_TOKENS} tokens" in said
