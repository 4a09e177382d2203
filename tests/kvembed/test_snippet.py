"""A snippet says exactly what the view is, read back by the host's own parser, and nothing else."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import markdown
import pytest
from hypothesis import example, given, settings

from kvembed.__main__ import main
from kvembed.install import FOLDERS
from kvembed.placement import Placement
from kvembed.snippet import FORMATS, snippet
from kvembed.view import View
from tests.kvembed.prompts import NASTY, PROMPTS
from tests.kvembed.tags import Tags

SERVER = "https://kv.example.org"
PLAIN = View("why-not-q", "Call me Ishmael.", step=4, lock=("prompt", "layer"))
PLACED = Placement(height=480, start="click")


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (
            "sphinx",
            ".. kv-cache:: why-not-q\n   :prompt: Call me Ishmael.\n   :step: 4\n"
            "   :lock: prompt,layer\n   :height: 480\n   :start: click",
        ),
        (
            "myst",
            '```{kv-cache} why-not-q\n:prompt: "Call me Ishmael."\n:step: "4"\n'
            ':lock: "prompt,layer"\n:height: "480"\n:start: "click"\n```',
        ),
        (
            "markdown",
            '::kv-cache{page=why-not-q prompt="Call me Ishmael." step="4" lock="prompt,layer" '
            'height="480" start="click"}',
        ),
        (
            "quarto",
            '{{< kv-cache why-not-q prompt="Call me Ishmael." step="4" lock="prompt,layer" '
            'height="480" start="click" >}}',
        ),
        (
            "mdx",
            '<kv-cache page={"why-not-q"} prompt={"Call me Ishmael."} step={"4"} '
            'lock={"prompt,layer"} height={"480"} start={"click"} src={"https://kv.example.org"}>'
            '<a href={"https://kv.example.org/why-not-q?prompt=Call%20me%20Ishmael.&step=4'
            '&lock=prompt%2Clayer"}><img src={"https://kv.example.org/poster.svg?page=why-not-q'
            '&prompt=Call%20me%20Ishmael.&step=4&lock=prompt%2Clayer"} '
            'alt={"Why K and V, and not Q? “Call me Ishmael.”"} loading="lazy" /></a></kv-cache>',
        ),
    ],
)
def test_what_an_author_reads_is_plain_where_it_can_be(format: str, text: str) -> None:
    assert snippet(PLAIN, format, SERVER, PLACED) == text


@pytest.mark.parametrize("format", FORMATS)
def test_a_view_of_nothing_but_a_page_has_nothing_but_its_page(format: str) -> None:
    text = snippet(View("growth"), format, SERVER)
    assert "growth" in text
    assert not re.search(r"prompt|step|lock|None", text)


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'word' is not one of sphinx, markdown"):
        snippet(PLAIN, "word", SERVER)


@given(PROMPTS)
@settings(deadline=None)
@example("".join(NASTY))
def test_the_element_keeps_a_prompt_and_nothing_gets_out_of_it(prompt: str) -> None:
    view = View("why-not-q", prompt, step=4)
    text = snippet(view, "element", SERVER)
    tags = Tags(text)
    assert tags.names() == ["script", "kv-cache", "a", "img"]
    assert tags.text == "\n"
    element = tags.only("kv-cache")
    assert element == {"page": "why-not-q", "prompt": prompt, "step": "4", "src": SERVER}
    assert View.from_url(tags.only("a")["href"], SERVER) == view
    assert prompt in tags.only("img")["alt"]
    assert len(text.splitlines()) == 2


@given(PROMPTS)
@settings(deadline=None)
def test_an_iframe_keeps_a_prompt_and_nothing_gets_out_of_it(prompt: str) -> None:
    tags = Tags(snippet(View("growth", prompt), "iframe", SERVER))
    assert tags.names() == ["iframe"]
    frame = tags.only("iframe")
    asked = parse_qs(urlsplit(frame["src"]).query, strict_parsing=True)
    assert asked == {"prompt": [prompt], "embed": ["true"]}
    assert frame["height"] == "720"
    assert frame["loading"] == "lazy"
    assert frame["title"]


@given(PROMPTS)
@settings(deadline=None)
@example("".join(NASTY))
def test_python_markdown_reads_the_prompt_that_was_written(prompt: str) -> None:
    view = View("why-not-q", prompt, lang="zh", lock=("all",))
    text = snippet(view, "markdown", SERVER, Placement(alt=prompt[:500]))
    assert len(text.splitlines()) == 1
    page = markdown.markdown(
        f"before\n{text}\nafter",
        extensions=["fenced_code", "attr_list", "md_in_html", "tables", "kvembed.markdown"],
        extension_configs={"kvembed.markdown": {"server": "http://127.0.0.1:9"}},
    )
    tags = Tags(page)
    assert tags.names() == ["p", "div", "kv-cache", "a", "img", "script", "p"]
    element = tags.only("kv-cache")
    assert element.pop("page") == "why-not-q"
    assert element.pop("src") == "http://127.0.0.1:9"
    assert View.read("why-not-q", element) == view
    assert tags.only("img")["alt"] == prompt[:500]


@given(PROMPTS)
@settings(deadline=None)
def test_myst_of_jupyter_book_2_reads_one_option_a_line(prompt: str) -> None:
    """It takes a line apart at its colons and hands the rest over as it stands."""
    lines = snippet(View("growth", prompt, layer=2), "myst", SERVER).splitlines()
    assert [lines[0], lines[-1]] == ["```{kv-cache} growth", "```"]
    options = dict(re.fullmatch(r":(\w+): (.*)", line).groups() for line in lines[1:-1])  # type: ignore[union-attr]
    texts = {name: json.loads(value) for name, value in options.items()}
    assert View.read("growth", texts) == View("growth", prompt, layer=2)


@given(PROMPTS)
@settings(deadline=None)
def test_quarto_reads_words_in_double_quotes_that_know_no_escape(prompt: str) -> None:
    text = snippet(View("growth", prompt, layer=2), "quarto", SERVER)
    inside = re.fullmatch(r"\{\{< kv-cache growth (.*) >\}\}", text)
    assert inside
    words = dict(re.findall(r'(\w+)="([^"]*)"', inside[1]))
    assert inside[1] == " ".join(f'{name}="{value}"' for name, value in words.items())
    assert not re.search(r"[<>&{}\\`*$~^|\[\]#@'\s](?<! )|  ", words["prompt"])
    texts = {name: unquote(value, errors="strict") for name, value in words.items()}
    assert View.read("growth", texts) == View("growth", prompt, layer=2)


@given(PROMPTS)
@settings(deadline=None)
def test_mdx_reads_strings_of_javascript(prompt: str) -> None:
    text = snippet(View("growth", prompt), "mdx", SERVER)
    string = r'\{("(?:[^"\\]|\\.)*")\}'
    found = re.fullmatch(
        rf"<kv-cache page={string} prompt={string} src={string}>"
        rf'<a href={string}><img src={string} alt={string} loading="lazy" /></a></kv-cache>',
        text,
    )
    assert found
    page, said, server, link, picture, _text = map(json.loads, found.groups())
    assert (page, said, server) == ("growth", prompt, SERVER)
    assert picture == View("growth", prompt).resource(SERVER, "poster.svg")
    assert View.from_url(link, SERVER) == View("growth", prompt)


def test_the_command_line_prints_the_snippet(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--prompt", "Call me Ishmael.", "--step", "4", "--lock", "prompt,layer"]
    placed = ["--height", "480", "--start", "click"]
    assert main(["snippet", "why-not-q", *options, *placed, "--format", "sphinx"]) == 0
    assert capsys.readouterr().out == snippet(PLAIN, "sphinx", SERVER, PLACED) + "\n"


@pytest.mark.parametrize("host", FOLDERS)
def test_the_command_line_puts_a_plugin_into_a_project(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["install", host, str(tmp_path), "--server", SERVER]) == 0
    files = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert files
    assert all(file.is_relative_to(tmp_path) and file.stat().st_size for file in files)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grow"], "'grow' is not one of home, why-not-q"),
        (["growth", "--step", "x"], "step='x' is not a whole number from 0 to 9999"),
        (["growth", "--server", "kv.example.org"], "not an address such as"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["snippet", *arguments])
    assert said in capsys.readouterr().err


def test_a_project_that_cannot_be_written_to_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site").write_text("no folder")
    with pytest.raises(SystemExit, match="2"):
        main(["install", "myst", str(tmp_path / "site"), "--server", SERVER])
    assert str(tmp_path / "site") in capsys.readouterr().err
