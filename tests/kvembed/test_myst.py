"""The directive for MyST and Jupyter Book 2: the tree that a theme gets, and what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kvembed import html
from kvembed.placement import Placement
from kvembed.poster import bundled
from kvembed.snippet import snippet
from kvembed.view import View
from tests.kvembed.foreign import Myst
from tests.kvembed.prompts import NASTY
from tests.kvembed.stand_in import StillSite

VIEW = View("why-not-q", "The whale", step=4, lang="zh", lock=("prompt", "layer"))
PLACEMENT = Placement(height=480, start="click", alt='A "matrix"')
NOBODY = "http://127.0.0.1:9"  # the port of a service that nobody runs any more
PRINTED = {
    "tex": (r"\includegraphics", r"\href"),
    "typst": ("image(", "#link("),
    "xml": ("<graphic", "<ext-link"),
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'


WRONG: list[tuple[str, str]] = [
    ("nowhere", "is not one of home, why-not-q, growth, timing"),
    ("growth\n:step: x", "is not a whole number from 0 to 9999"),
    ("growth\n:height: 20", "is not a whole number from 120 to 4000"),
    ("growth\n:lang: fr", "is not one of en, zh"),
    ("growth\n:lock: prompt,colour", "is not one of lang, prompt"),
    ("growth\n:prompt: " + "x" * 2001, "2001 characters, and at most 2000 fit"),
    ('growth\n:prompt: "a\\u0000b"', "control or broken characters"),
    ('growth\n:prompt: "half \\ud83d"', "control or broken characters"),
]


@pytest.fixture
def book(tmp_path: Path, still_site: StillSite) -> Myst:
    """A project whose site draws pictures and makes snapshots."""
    still_site.answers["/poster.svg"] = ("image/svg+xml", SVG)
    return Myst(tmp_path, still_site.url)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Myst:
    """A project that was built while its site was silent."""
    book = Myst(tmp_path_factory.mktemp("alone"), NOBODY)
    for number, (words, _) in enumerate(WRONG):
        book.write(f"p{number}", f"# One\n\n```{{kv-cache}} {words}\n```\n")
    book.write("unknown", "# One\n\n```{kv-cache} growth\n:stepp: 4\n```\n")
    nasty = "\n\n".join(snippet(View("growth", prompt), "myst", "") for prompt in NASTY)
    book.write("nasty", f"# One\n\n{nasty}\n")
    book.build()
    return book


def test_the_theme_gets_a_widget_with_the_attributes_of_the_element_and_a_figure(
    book: Myst, still_site: StillSite
) -> None:
    book.write("index", f"# One\n\n{snippet(VIEW, 'myst', '', PLACEMENT)}\n")
    snapshot = snippet(VIEW, "myst", "", Placement(mode="snapshot"))
    book.write("deep/er", f"# Two\n\n{snapshot}\n")
    book.build()
    assert "⚠️" not in book.said
    (widget,) = book.nodes("index", "anywidget")
    assert widget["model"] == {
        "attributes": html.element_attributes(VIEW, PLACEMENT, still_site.url),
        "alt": 'A "matrix"',
        "link": VIEW.url(still_site.url),
        "height": 480,
    }
    script = book.public(widget["esm"])
    assert b"export default" in script
    (figure,) = book.nodes("index", "container")
    assert (figure["kind"], figure["class"]) == ("figure", "kv-cache-still")
    (image,), (link,) = book.nodes("index", "image"), book.nodes("index", "link")
    assert image["alt"] == 'A "matrix"'
    assert book.public(image["url"]) == SVG
    assert View.from_url(link["url"], still_site.url) == VIEW
    assert link["children"][0]["value"] == "打开实时视图"

    (recorded,) = book.nodes("er", "anywidget")
    assert recorded["model"]["snapshot"] == still_site.answers["/snapshot"][1].decode()
    assert book.public(recorded["esm"]) == script


def test_print_gets_the_picture_and_the_link(book: Myst) -> None:
    formats = "".join(
        f"  - {{format: {name}, output: out/o.{name}, template: null}}\n" for name in PRINTED
    )
    book.write("index", f"---\nexports:\n{formats}---\n\n{snippet(VIEW, 'myst', '')}\n")
    book.build("index.md", "--all")
    for name, (picture, link) in PRINTED.items():
        text = (book.folder / "out" / f"o.{name}").read_text(encoding="utf-8")
        assert picture in text and link in text and "打开实时视图" in text


def test_without_a_snapshot_there_is_the_figure_alone(book: Myst, still_site: StillSite) -> None:
    del still_site.answers["/snapshot"]
    book.write("index", f"# One\n\n{snippet(VIEW, 'myst', '', Placement(mode='snapshot'))}\n")
    book.build()
    assert "answered 404: a picture stands in for the snapshot" in book.said
    assert book.nodes("index", "anywidget") == []
    assert len(book.nodes("index", "container")) == 1


def test_a_silent_site_is_a_warning_and_the_views_are_there(alone: Myst) -> None:
    assert f"kv-cache: {NOBODY} does not answer" in alone.said
    image = alone.nodes("nasty", "image")[0]
    assert alone.public(image["url"]) == bundled("growth", "en")
    assert len(alone.nodes("nasty", "container")) == len(NASTY)


def test_what_the_contract_refuses_is_a_warning_with_its_line_and_a_sentence(alone: Myst) -> None:
    for number, (_, said) in enumerate(WRONG):
        texts = " ".join(node["value"] for node in alone.nodes(f"p{number}", "text"))
        assert said in texts
        assert any(f"p{number}.md:3" in line and said in line for line in alone.said.splitlines())
        assert alone.nodes(f"p{number}", "anywidget") == []
    assert 'unknown.md:4 unexpected option "stepp"' in alone.said


def test_every_nasty_prompt_arrives_unchanged(alone: Myst) -> None:
    views = [View("growth", prompt) for prompt in NASTY]
    models: list[dict[str, Any]] = [node["model"] for node in alone.nodes("nasty", "anywidget")]
    assert [model["attributes"]["prompt"] for model in models] == NASTY
    assert [View.from_url(model["link"], NOBODY) for model in models] == views
    links = [View.from_url(node["url"], NOBODY) for node in alone.nodes("nasty", "link")]
    assert links == views
    assert alone.nodes("nasty", "html") == []
