"""The contract is what authors have put into their courses: a change of it has to be meant."""

from dataclasses import fields, replace

import pytest

from kvembed import contract
from kvembed.__main__ import main
from kvembed.contract import KEYS, PAGES, PARAMETERS, PLACEMENT, VERSION
from kvembed.languages import LANGUAGES, Language
from kvembed.placement import Placement, embedding
from kvembed.values import check, read, server_url, written
from kvembed.view import View
from ui.views.pages import PAGES as SITE_PAGES

SERVER = "https://kv.example.org"
STATE = {
    "lang": "zh",
    "prompt": "床前明月光",
    "model": "tiny",
    "layer": "2",
    "head": "0",
    "step": "4",
    "view": "3-1",
    "lock": "prompt,layer",
}


def test_version_1_has_these_names_and_bounds() -> None:
    """Adding a name is free; changing or dropping one breaks what people have written."""
    assert VERSION == 1
    paths = {name: page.path for name, page in PAGES.items()}
    assert paths == paths | {
        "home": "",
        "why-not-q": "why-not-q",
        "growth": "growth",
        "timing": "timing",
    }
    assert {"en", "zh"} <= set(LANGUAGES)
    have = {(p.name, p.kind, p.most, p.choices) for p in (*PARAMETERS, *PLACEMENT)}
    assert have >= {
        ("lang", "choice", 0, tuple(LANGUAGES)),
        ("prompt", "text", 2000, ()),
        ("model", "text", 80, ()),
        ("layer", "number", 9999, ()),
        ("head", "number", 9999, ()),
        ("step", "number", 9999, ()),
        ("view", "text", 80, ()),
        (
            "lock",
            "names",
            0,
            ("lang", "prompt", "model", "layer", "head", "step", "view", "all"),
        ),
        ("height", "height", 4000, ()),
        ("start", "choice", 0, ("visible", "click")),
        ("mode", "choice", 0, ("live", "snapshot")),
        ("alt", "text", 500, ()),
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_says_something_of_every_page_and_parameter_and_of_nothing_else(
    lang: str,
) -> None:
    assert set(LANGUAGES[lang].titles) == set(PAGES)
    assert set(LANGUAGES[lang].abouts) == {p.name for p in (*PARAMETERS, *PLACEMENT)}


def test_a_language_that_says_nothing_of_a_page_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    less = replace(LANGUAGES["zh"], titles={"home": "解码器记住了什么"})
    monkeypatch.setattr(contract, "LANGUAGES", {**LANGUAGES, "zh": less})
    with pytest.raises(ValueError, match=r"languages/zh\.py has no 'growth' in its titles: add it"):
        contract._said("titles", "growth")


def test_a_language_without_one_of_its_parts_cannot_be_made() -> None:
    parts = {each.name: getattr(LANGUAGES["en"], each.name) for each in fields(Language)}
    for name in parts:
        with pytest.raises(TypeError, match=name):
            Language(**{each: value for each, value in parts.items() if each != name})
    with pytest.raises(ValueError, match="tag='EN-gb' must begin with"):
        Language(**{**parts, "tag": "EN-gb"})


def test_the_pages_are_those_of_the_site() -> None:
    assert [page.name for page in SITE_PAGES] == list(PAGES)


def test_a_view_comes_back_from_its_query_and_from_its_address() -> None:
    view = View.read("growth", STATE)
    assert view.query() == STATE
    assert View.read("growth", view.query()) == view
    assert View.from_url(view.url(SERVER, embed=True), SERVER) == view


def test_an_address_has_what_was_given_and_nothing_else() -> None:
    assert View("home").url(SERVER) == f"{SERVER}/"
    assert View("why-not-q", "a&b=#", step=0).url(f"{SERVER}/kv/", embed=True) == (
        f"{SERVER}/kv/why-not-q?prompt=a%26b%3D%23&step=0&embed=true"
    )
    assert View("timing").resource(SERVER, "poster.svg") == f"{SERVER}/poster.svg?page=timing"


@pytest.mark.parametrize(
    "url",
    [
        "https://kv.example.org.evil.net/growth",
        "https://other.example.org/growth",
        f"{SERVER}/nowhere",
        f"{SERVER}/growth/deeper",
        f"{SERVER}/growth?step=x",
    ],
)
def test_the_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        View.from_url(url, SERVER)


def test_what_an_address_says_besides_is_left_aside() -> None:
    url = f"{SERVER}/growth?embed=true&embed_options=dark_theme&utm_source=x&step=2"
    assert View.from_url(url, SERVER) == View("growth", step=2)


@pytest.mark.parametrize("name", ["layer", "head", "step"])
@pytest.mark.parametrize("text", ["", "-1", "1.5", "12345", "x", "٣", "<b>"])
def test_a_number_that_is_none_is_refused_with_its_bounds(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}=.* is not a whole number from 0 to 9999"):
        View.read("growth", {name: text})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lang", "fr", "not one of en, zh"),
        ("lock", "prompt,colour", "'colour' is not one of lang, prompt"),
        ("lock", "prompt,all", "names beside 'all'"),
        ("prompt", "x" * 2001, "2001 characters, and at most 2000 fit"),
        ("prompt", "a\x00b", "position 1"),
        ("prompt", "half \ud83d", "position 5"),
        ("promt", "x", "'promt' is not a parameter: there are lang, prompt"),
        ("height", "80", "not a whole number from 120 to 4000"),
        ("height", "tall", "not a whole number from 120 to 4000"),
        ("start", "never", "not one of visible, click"),
        ("mode", "still", "not one of live, snapshot"),
    ],
)
def test_what_the_contract_refuses_is_said_with_the_remedy(name: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        embedding("growth", {name: text})


def test_a_page_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'grow' is not one of home, why-not-q, growth, timing"):
        View("grow")


@pytest.mark.parametrize("value", [True, -1, 10_000, "3"])
def test_a_view_made_in_python_is_held_to_the_same_bounds(value: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        View("growth", layer=value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not text"):
        View("growth", prompt=3)  # type: ignore[arg-type]


def test_a_prompt_may_have_line_breaks_and_any_script() -> None:
    text = 'a\nb\t"c" <d> 床前 👩‍👩‍👧 سلام'
    assert View("home", text).query() == {"prompt": text}


def test_a_placement_says_only_what_differs_from_the_usual() -> None:
    assert Placement().options() == {}
    options = {"height": "480", "start": "click", "mode": "snapshot", "alt": "A matrix"}
    _view, placement = embedding("growth", options)
    assert placement == Placement(height=480, start="click", mode="snapshot", alt="A matrix")
    assert placement.options() == options


@pytest.mark.parametrize(
    "server",
    [
        "",
        "kv.example.org",
        "javascript:alert(1)",
        "https://",
        "https://a b",
        'https://a"b',
        "https://me:pw@example.org",
        "https://example.org/?x=1",
        "https://example.org/#x",
        "https://example.org:99999",
        "https://床前.example",
    ],
)
def test_what_is_not_the_address_of_a_server_is_refused(server: str) -> None:
    with pytest.raises(ValueError, match="server="):
        server_url(server)


@pytest.mark.parametrize("name", KEYS)
def test_what_is_written_reads_back(name: str) -> None:
    value = read(name, STATE[name])
    check(name, value)
    assert read(name, written(value)) == value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_for_readers_has_a_row_for_every_parameter(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contract", "--lang", lang]) == 0
    rows = [row.strip("| ").split(" | ") for row in capsys.readouterr().out.splitlines()]
    assert {len(row) for row in rows} == {3}
    expected = [(f"`{p.name}`", p.about[lang]) for p in (*PARAMETERS, *PLACEMENT)]
    assert [(row[0], row[2]) for row in rows[2:]] == expected
    assert all(word in rows[9][1] for word in (*KEYS, "all"))
