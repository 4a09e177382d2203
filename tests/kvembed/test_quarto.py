"""The shortcode for Quarto: its Lua run by pandoc as Quarto runs it, for every kind of output."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from kvembed import html
from kvembed.install import FOLDERS, install
from kvembed.placement import Placement
from kvembed.poster import bundled
from kvembed.script import element_script
from kvembed.snippet import snippet
from kvembed.view import View
from tests.kvembed.foreign import quarto
from tests.kvembed.prompts import NASTY, PROMPTS
from tests.kvembed.stand_in import StillSite
from tests.kvembed.tags import Tags

VIEW = View("why-not-q", "The whale", step=4, lang="zh", lock=("prompt", "layer"))


def extension(folder: Path, server: str) -> Path:
    install("quarto", folder, server)
    return folder / FOLDERS["quarto"]


def one(view: View, server: str, placement: Placement | None = None) -> str:
    return snippet(view, "quarto", server, placement)


def test_a_page_gets_the_element_that_every_other_host_gets(
    tmp_path: Path, still_site: StillSite
) -> None:
    placement = Placement(height=480, start="click", alt='A "matrix"')
    page = one(VIEW, still_site.url, placement)
    made, warnings = quarto(page, "html", extension(tmp_path, still_site.url))
    expected = html.element_attributes(VIEW, placement, still_site.url)
    tags = Tags(made)
    assert tags.only("kv-cache") == expected
    assert tags.only("a")["href"] == VIEW.url(still_site.url)
    assert tags.only("img")["alt"] == 'A "matrix"'
    picture = base64.b64encode(still_site.answers["/poster.svg"][1]).decode()
    assert tags.only("img")["src"] == f"data:image/svg+xml;base64,{picture}"
    assert f'src="{still_site.url}/embed.js"' in made.replace("&#47;", "/")
    assert warnings == ""


def test_two_views_on_a_page_load_the_script_once(tmp_path: Path, still_site: StillSite) -> None:
    page = f"{one(VIEW, '')}\n\n{one(View('growth'), '')}\n"
    made, _ = quarto(page, "html", extension(tmp_path, still_site.url))
    assert [tag for tag in Tags(made).names() if tag in ("kv-cache", "script")] == [
        "script",
        "kv-cache",
        "kv-cache",
    ]


@pytest.mark.parametrize("output", ["latex", "docx", "epub", "typst", "plain"])
def test_what_runs_no_scripts_gets_the_picture_and_the_address(
    tmp_path: Path, still_site: StillSite, output: str
) -> None:
    file = tmp_path / f"out.{output}"
    quarto(one(VIEW, ""), output, extension(tmp_path, still_site.url), to=file)
    kind = "poster.svg" if output == "epub" else "card.png"
    assert any(asked.startswith(f"/{kind}?page=why-not-q&") for asked in still_site.asked)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as parts:
            text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    else:
        text = file.read_text(encoding="utf-8")
    assert "打开实时视图" in text
    if output != "plain":
        assert "/why-not-q?" in text


def test_a_silent_site_is_asked_once_and_the_page_still_has_its_link(
    tmp_path: Path, nobody: str
) -> None:
    page = f"{one(VIEW, '')}\n\n{one(View('growth', 'x'), '')}\n"
    made, warnings = quarto(page, "html", extension(tmp_path, nobody))
    assert [tag for tag in Tags(made).names() if tag == "kv-cache"] == ["kv-cache"] * 2
    assert VIEW.url(nobody) in made.replace("&#38;", "&")
    assert warnings.count(f"{nobody} does not answer") == 2
    pictures = [tag["src"] for name, tag in Tags(made).found if name == "img"]
    drawn = [base64.b64decode(picture.split(",")[1]) for picture in pictures]
    assert drawn == [bundled("why-not-q", "zh"), bundled("growth", "en")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nowhere", "is not one of home, why-not-q, growth, timing"),
        ("growth stepp=4", "'stepp' is not a parameter: there are lang, prompt"),
        ("growth step=x", "is not a whole number from 0 to 9999"),
        ("growth height=20", "is not a whole number from 120 to 4000"),
        ("growth lang=fr", "is not one of en, zh"),
        ('growth lock="prompt,colour"', "is not one of lang, prompt"),
        (f"growth prompt={'x' * 2001}", "2001 characters, and at most 2000 fit"),
        ('growth prompt="a%00b"', "control or broken characters"),
        ('growth prompt="%FF"', "control or broken characters"),
    ],
)
def test_what_the_contract_refuses_is_said_on_the_page_and_in_the_log(
    tmp_path: Path, nobody: str, words: str, said: str
) -> None:
    made, warnings = quarto(f"{{{{< kv-cache {words} >}}}}", "html", extension(tmp_path, nobody))
    assert said in Tags(made).text
    assert said in warnings
    assert "<kv-cache" not in made


def test_the_metadata_of_a_document_can_name_another_site(
    tmp_path: Path, still_site: StillSite
) -> None:
    folder = extension(tmp_path, "https://kv.example.org")
    made, _ = quarto(at(f"{still_site.url}/") + one(VIEW, ""), "html", folder)
    assert Tags(made).only("kv-cache")["src"] == still_site.url
    made, warnings = quarto(at("javascript:alert(1)") + one(VIEW, ""), "html", folder)
    assert "is not an address" in warnings
    assert "<kv-cache" not in made


def at(server: str) -> str:
    return f"---\nkv-cache:\n  server: {server}\n---\n\n"


@pytest.mark.parametrize("there", [True, False])
def test_a_snapshot_is_in_the_page_and_without_it_a_picture(
    tmp_path: Path, still_site: StillSite, there: bool
) -> None:
    if not there:
        del still_site.answers["/snapshot"]
    page = one(VIEW, "", Placement(mode="snapshot", height=500))
    made, warnings = quarto(page, "html", extension(tmp_path, still_site.url))
    body = Tags(made.split("<body>")[1])
    if there:
        assert body.names() == ["kv-cache", "a", "img"]
        shown = body.only("kv-cache")
        kind, data = shown["recording"].split(";base64,")
        assert kind == "data:text/html"
        assert base64.b64decode(data) == still_site.answers["/snapshot"][1]
        assert shown["height"] == "500"
        script = element_script().decode()
        assert unindented(script) in unindented(made.split("<body>")[0])
        assert warnings == ""
    else:
        assert body.names() == ["p", "a", "img"]
        assert "a picture stands in for the snapshot" in warnings


def unindented(text: str) -> str:
    """A text without the spaces that pandoc puts before its lines."""
    return "\n".join(line.strip() for line in text.splitlines())


def test_every_nasty_prompt_arrives_unchanged_and_puts_no_tag_into_the_page(
    tmp_path: Path, nobody: str
) -> None:
    _arrive(extension(tmp_path, nobody), nobody, NASTY)


def test_any_prompt_arrives_unchanged(tmp_path: Path, nobody: str) -> None:
    folder = extension(tmp_path, nobody)

    @settings(max_examples=15, deadline=None)
    @given(PROMPTS)
    def arrives(prompt: str) -> None:
        _arrive(folder, nobody, [prompt])

    arrives()


def _arrive(folder: Path, server: str, prompts: list[str]) -> None:
    views = [View("growth", prompt) for prompt in prompts]
    made, _ = quarto("\n\n".join(one(view, server) for view in views), "html", folder)
    body = Tags(made.split("<body>")[1])
    found = [attributes for tag, attributes in body.found if tag == "kv-cache"]
    assert [each["prompt"] for each in found] == prompts
    assert set(body.names()) == {"kv-cache", "a", "img"}
    links = [attributes["href"] for tag, attributes in body.found if tag == "a"]
    assert [View.from_url(link, server) for link in links] == views
