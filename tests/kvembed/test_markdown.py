"""The extension for Python-Markdown: what becomes a view, what stays text, and what is said."""

import logging
from pathlib import Path
from urllib.parse import unquote_to_bytes

import markdown
import pytest

from kvembed.script import element_script
from tests.kvembed.tags import Tags

VIEW = '::kv-cache{page=why-not-q prompt="The whale" step=4}'


def convert(text: str, server: str, *more: str) -> str:
    return markdown.markdown(
        text,
        extensions=["fenced_code", "admonition", "def_list", *more, "kvembed.markdown"],
        extension_configs={"kvembed.markdown": {"server": server}},
    )


def test_a_line_becomes_the_element_with_the_picture_of_that_very_view(still_site) -> None:
    tags = Tags(convert(VIEW, still_site.url))
    assert tags.names() == ["div", "kv-cache", "a", "img", "script"]
    assert tags.only("kv-cache") == {
        "page": "why-not-q",
        "prompt": "The whale",
        "step": "4",
        "src": still_site.url,
    }
    assert tags.only("script") == {"type": "module", "src": f"{still_site.url}/embed.js"}
    kind, picture = tags.only("img")["src"].split(",", 1)
    assert kind == "data:image/svg+xml;charset=utf-8"
    assert unquote_to_bytes(picture) == still_site.answers["/poster.svg"][1]
    assert still_site.asked == ["/poster.svg?page=why-not-q&prompt=The%20whale&step=4"]


def test_a_page_loads_the_script_once_and_each_picture_once(still_site) -> None:
    page = f"{VIEW}\n\n{VIEW}\n\n::kv-cache{{page=growth}}"
    tags = Tags(convert(page, still_site.url) + convert(page, still_site.url))
    assert tags.names().count("kv-cache") == 6
    assert tags.names().count("script") == 2
    assert len(still_site.asked) == 2


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{VIEW}\n```",
        f"~~~ md\n{VIEW}\n~~~",
        f"    {VIEW}",
        f"Write `{VIEW}` there",
        f"Write {VIEW}",
        ":: kv-cache{page=growth}",
        "::kv-cached{page=growth}",
    ],
)
def test_what_is_code_or_not_on_a_line_of_its_own_stays_text(text: str, nobody: str) -> None:
    tags = Tags(convert(text, nobody))
    assert "kv-cache" not in tags.names()
    assert "kv-cache" in tags.text


@pytest.mark.parametrize(
    "text",
    [
        f"before\n{VIEW}\nafter",
        f"  {VIEW}  ",
        f"- item\n\n    {VIEW}",
        f"!!! note\n    {VIEW}",
        f"> {VIEW}",
        f"term\n:   {VIEW}",
    ],
)
def test_it_stands_wherever_a_block_can(text: str, still_site) -> None:
    tags = Tags(convert(text, still_site.url))
    assert tags.only("kv-cache")["prompt"] == "The whale"
    assert "::" not in tags.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("::kv-cache{page=grow}", "page='grow' is not one of home, why-not-q"),
        ("::kv-cache{}", "page='' is not one of home"),
        ("::kv-cache{page=growth promt=x}", "'promt' is not a parameter: there are lang, prompt"),
        ("::kv-cache{page=growth step=<b>}", "step='<b>' is not a whole number from 0 to 9999"),
        ("::kv-cache{page=growth step=1 step=2}", "step is there twice"),
        ('::kv-cache{page=growth prompt="a\\d"}', 'prompt="a\\d" has a backslash of its own'),
        ('::kv-cache{page=growth prompt="a}', "is not a word like step=4"),
        ("::kv-cache{page=growth prompt=a b}", "'b' is not a word like step=4"),
        ("::kv-cache page=growth", "write it as ::kv-cache{page=why-not-q"),
        ("::kv-cache{page=growth", "write it as ::kv-cache{page=why-not-q"),
    ],
)
def test_a_bad_line_says_in_the_page_and_in_the_log_what_is_wrong(
    line: str, said: str, nobody: str, caplog: pytest.LogCaptureFixture
) -> None:
    tags = Tags(convert(f"one\n\n{line}\n\nfour", nobody))
    assert tags.names() == ["p"] * 3
    assert said in tags.text
    assert "four" in tags.text
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"line 3, {line}: ")
    assert said in record.getMessage()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"one\n\nWrite {VIEW} there", 3),
        (f"# A title with {VIEW}", 1),
        (f"| a | b |\n|---|---|\n| x | {VIEW} |", 3),
        (f"- an item with {VIEW}", 1),
        (f"*Emphasis of {VIEW}*", 1),
    ],
)
def test_a_view_that_does_not_stand_alone_stays_text_and_says_so(
    text: str, line: int, nobody: str, caplog: pytest.LogCaptureFixture
) -> None:
    tags = Tags(convert(text, nobody, "tables"))
    assert "kv-cache" not in tags.names()
    assert "::kv-cache{" in tags.text
    assert caplog.messages == [
        f"line {line}, {VIEW}: stays text, because it does not stand alone on a line"
    ]


@pytest.mark.parametrize("text", [f"```\n{VIEW}\n```", f"    {VIEW}", f"Write `{VIEW}` there"])
def test_a_view_in_code_is_no_mistake(
    text: str, nobody: str, caplog: pytest.LogCaptureFixture
) -> None:
    convert(text, nobody)
    assert not caplog.records


@pytest.mark.parametrize(
    ("server", "said"), [("", "server of the extension"), ("kv.example.org", "not an address")]
)
def test_a_server_that_is_none_is_said(server: str, said: str) -> None:
    assert said in Tags(convert(VIEW, server)).text


def test_without_the_site_a_page_is_built_and_says_so(
    nobody: str, caplog: pytest.LogCaptureFixture
) -> None:
    tags = Tags(convert(VIEW, nobody))
    assert tags.only("kv-cache")["src"] == nobody
    assert "does not answer" in caplog.text
    assert "stands in for this view of why-not-q" in caplog.text


def test_a_snapshot_is_in_the_page_with_the_script_that_shows_it(still_site) -> None:
    line = '::kv-cache{page=growth mode=snapshot height=480 prompt="\\"1\\" < _2_"}'
    tags = Tags(convert(f"{line}\n\n{line}", still_site.url))
    assert tags.names() == ["div", "kv-cache", "a", "img", "script", "div", "kv-cache", "a", "img"]
    element = tags.found[1][1]
    kind, recording = element["recording"].split(",", 1)
    assert kind == "data:text/html;charset=utf-8"
    assert unquote_to_bytes(recording) == still_site.answers["/snapshot"][1]
    assert element["prompt"] == '"1" < _2_'
    assert element["height"] == "480"
    kind, script = tags.only("script")["src"].split(",", 1)
    assert kind == "data:text/javascript;charset=utf-8"
    assert unquote_to_bytes(script) == element_script()


def test_a_snapshot_needs_no_server_and_shows_the_picture_of_its_page_first(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kvembed.markdown.snapshot", lambda _view, _server: "<p>made here</p>")
    tags = Tags(convert('::kv-cache{page=growth mode=snapshot prompt="x" lang=zh}', ""))
    assert tags.names() == ["div", "kv-cache", "img", "script"]
    assert "src" not in tags.only("kv-cache")
    assert tags.only("img")["alt"] == "看缓存逐步增长"
    assert not caplog.records


def test_a_snapshot_that_nobody_can_make_is_a_picture_and_is_said(
    nobody: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kvembed.snapshot.find_spec", lambda _name: None)
    tags = Tags(convert("::kv-cache{page=growth mode=snapshot}", nobody))
    assert "kv-cache" not in tags.names()
    assert tags.only("a")["href"] == f"{nobody}/growth"
    assert "kvcore is not installed here: a picture stands in for the snapshot" in caplog.text
