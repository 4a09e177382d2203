"""Pages inside a frame of another site, and the script that puts them there."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess

import pytest
from streamlit.testing.v1 import AppTest

from kvembed import contract
from kvembed.languages import LANGUAGES
from kvembed.script import element_script
from tests.opening import Open
from tests.unfolding import unfold
from ui.figures.registry import FIGURES
from ui.language.i18n import sections, translations
from ui.record.pack import unpack
from ui.views.openings import opening
from ui.views.pages import PAGES


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
    told = sections(page.path or "home", lang).values()
    prose = {text.replace("###", "##") for text in told if text}
    assert not {each.value for each in app.markdown} & prose
    figures = [each.proto.component_name for each in app.get("bidi_component")]
    assert "site.frame" in figures
    ours = {f"kv.{name}" for name in (*FIGURES, "steps")}
    assert {each for each in figures if each.startswith("kv.")} <= ours


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_frame_says_what_is_wrong_and_leads_to_the_whole_page(site: Open, lang: str) -> None:
    app = site("growth.py", lang=lang, step="zz", embed="true")
    assert "step=zz" in app.warning[0].value
    frame = next(
        each for each in app.get("bidi_component") if each.proto.component_name == "site.frame"
    )
    assert json.loads(frame.proto.json)["label"] == translations(lang).gettext(
        "Open the whole page"
    )


def test_the_element_knows_the_contract_and_has_every_word_that_it_asks_for() -> None:
    source = element_script().decode()
    put_in = re.search(r"^const CONTRACT = (.*)$", source, re.MULTILINE)
    assert put_in
    told = json.loads(put_in[1])
    assert told["keys"] == [each.name for each in contract.PARAMETERS]
    assert told["most"] == next(each.most for each in contract.PLACEMENT if each.name == "height")
    assert {name: each["path"] for name, each in told["pages"].items()} == {
        name: page.path for name, page in contract.PAGES.items()
    }
    asked = {"wait", "dead", "play", "poster", "silent", "sandboxed", "unplayed"}  # by a state
    asked |= set(re.findall(r"\btexts\.(\w+)", source))
    assert set(told["texts"]) == set(LANGUAGES)
    assert all(set(words) == asked and all(words.values()) for words in told["texts"].values())


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs npm")
def test_the_element_is_under_eight_kilobytes_minified_and_half_a_one_for_each_language() -> None:
    command = ["npx", "--yes", "esbuild@0.28.2", "--minify", "--format=esm"]
    source = element_script()
    done = subprocess.run(command, input=source, capture_output=True, check=True, timeout=120)
    assert len(done.stdout) < 8000 + 500 * len(LANGUAGES)


def test_the_element_travels_in_less_than_six_kilobytes_and_half_a_one_for_each_language() -> None:
    assert len(gzip.compress(element_script())) < 6000 + 500 * len(LANGUAGES)


CONTROLS = {
    "prompt": lambda app: [each for each in app.text_input if each.key == "prompt"],
    "layer": lambda app: [each for each in app.slider if each.key == "layer"],
    "head": lambda app: [each for each in app.slider if each.key == "head"],
    "step": lambda app: [
        each for each in app.get("bidi_component") if each.proto.component_name == "kv.steps"
    ],
    "model": lambda app: [each for each in app.segmented_control if each.key == "model"],
    "lang": lambda app: [each for each in app.segmented_control if each.key == "lang"],
    "view": lambda app: [each for each in app.selectbox if each.key == "lost"],
}


def published(app: AppTest) -> dict[str, str]:
    """The parameters that the page writes into its address."""
    written = [
        each.proto.json
        for each in app.get("bidi_component")
        if "history" in each.proto.component_name
    ]
    return json.loads(written[-1])["params"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("locked", [(), ("prompt", "layer"), ("step", "view"), contract.KEYS])
def test_what_is_locked_has_no_control_and_stays_in_the_address(
    site: Open, lang: str, locked: tuple[str, ...]
) -> None:
    asked = {"prompt": "a_b c", "layer": "2", "head": "1", "step": "7", "view": "1", "lang": lang}
    app = site("why_not_q.py", **asked, **({"lock": ", ".join(locked)} if locked else {}))
    assert not app.exception and not app.warning
    assert {key for key, control in CONTROLS.items() if not control(app)} == set(locked)
    assert {key: published(app)[key] for key in asked} == asked
    everything = locked == contract.KEYS
    assert published(app).get("lock", "") == ("all" if everything else ",".join(locked))
    told = " ".join(each.value for each in app.markdown)
    assert ("**a\\_b c**" in told) == ("prompt" in locked)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path or "home")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_lesson_with_everything_locked_has_nothing_to_set(
    site: Open, page: object, lang: str
) -> None:
    app = site(page.file, lang=lang, prompt="月光", lock="all", embed="true")
    assert not app.exception
    set_by_a_reader = (app.text_input, app.slider, app.selectbox, app.segmented_control)
    assert [len(each) for each in set_by_a_reader] == [0, 0, 0, 0]
    assert [each.label for each in app.button] == (
        [translations(lang).gettext("Run both ways now")] if page.path == "timing" else []
    )


@pytest.mark.parametrize(("lock", "fixed"), [("", False), ("step", True)])
def test_the_player_of_a_locked_step_has_no_controls(site: Open, lock: str, fixed: bool) -> None:
    app = site("growth.py", prompt="月光", step="3", lock=lock)
    figure = next(
        each for each in app.get("bidi_component") if each.proto.component_name == "kv.growth"
    )
    meta, _arrays = unfold(figure.proto.bytes)
    assert (meta["step"], meta["control"] == "fixed") == (3, fixed)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_lock_on_nothing_is_said_and_the_others_hold(site: Open, lang: str) -> None:
    app = site("why_not_q.py", lang=lang, lock="layer,colour", prompt="月光")
    assert "layer,colour" in app.warning[0].value.replace("\\", "")
    assert not CONTROLS["layer"](app) and CONTROLS["head"](app)


def test_a_reader_who_switches_the_language_keeps_the_locked_prompt(site: Open) -> None:
    app = site(lang="en", lock="prompt")
    told = [each.value for each in app.markdown if "Ishmael" in each.value]
    assert told
    app.segmented_control(key="lang").set_value("zh").run()
    assert app.session_state["site_state"].prompt.endswith("Ishmael.")


def maps(app: AppTest) -> list[object]:
    """The messages of the maps of an edit, in both letters."""
    drawn = [each.proto for each in app.get("bidi_component")]
    return [unpack(each.bytes) for each in drawn if each.component_name == "kv.change"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_edit_that_the_author_names_is_in_the_frame_as_on_the_page(
    site: Open, lang: str
) -> None:
    asked = {"lang": lang, "prompt": "a b c", "view": "1:whale"}
    page, frame = site("growth.py", **asked), site("growth.py", **asked, embed="true")
    assert not frame.exception and not frame.warning
    assert len(maps(page)) == len(maps(frame)) == 2
    for (meta, arrays), (theirs, drawn) in zip(maps(page), maps(frame), strict=True):
        assert meta == theirs
        assert (arrays["change"] == drawn["change"]).all()
    assert frame.text_input(key="edit_text").value == "whale"
    assert published(frame)["view"] == "1:whale"
    locked = site("growth.py", **asked, embed="true", lock="view")
    assert len(maps(locked)) == 2
    assert "edit_text" not in [each.key for each in locked.text_input]


def test_an_edit_that_nobody_named_is_neither_in_a_frame_nor_in_a_link(site: Open) -> None:
    asked = {"prompt": "a b c"}
    assert not maps(site("growth.py", **asked, embed="true"))
    page = site("growth.py", **asked)
    assert len(maps(page)) == 2
    assert "view" not in published(page)
    opened_on = page.text_input(key="edit_text").value
    page.text_input(key="edit_text").set_value("whale").run()
    assert published(page)["view"].endswith(":whale")
    page.text_input(key="edit_text").set_value(opened_on).run()
    assert published(page)["view"].endswith(f":{opened_on}")


def asked_twice() -> None:
    """A page whose visitor changes the layer before each time that something is asked of it."""
    import streamlit as st

    from ui.visit import state

    state.begin()
    for params in st.session_state["asks"]:
        state.put("layer", 3)
        state.ask(params)
    st.json(vars(state.current()))


def state_after(asks: list[dict[str, str]], **params: str) -> dict[str, object]:
    app = AppTest.from_function(asked_twice, default_timeout=60)
    app.session_state["asks"] = asks
    for key, value in params.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return dict(json.loads(app.json[0].value))


def test_what_is_locked_no_visitor_can_change_by_any_way(tiny_host: None) -> None:
    assert state_after([{}], layer="1")["layer"] == 3
    assert state_after([{}], layer="1", lock="layer")["layer"] == 1


def test_an_author_changes_what_is_new_in_a_request_and_what_is_locked(tiny_host: None) -> None:
    first = {"lang": "en", "prompt": "a b", "step": "2", "lock": "all"}
    asks = [first | {"step": "4"}, first | {"step": "4", "layer": "2"}]
    after = state_after(asks, **first)
    assert (after["prompt"], after["step"], after["layer"]) == ("a b", 4, 2)


def test_an_author_who_repeats_a_request_takes_nothing_back(tiny_host: None) -> None:
    asks = [{"layer": "1", "head": "2"}, {"layer": "1", "head": "4"}]
    after = state_after(asks, layer="1")
    assert (after["layer"], after["head"]) == (3, 4)


def test_another_language_opens_on_its_own_prompt_unless_the_author_gave_one(
    tiny_host: None,
) -> None:
    english, chinese = {"lang": "en"}, {"lang": "zh"}
    assert state_after([chinese], **english)["prompt"] == opening("tiny", "zh").prompt
    given = {"prompt": "a b"}
    assert state_after([chinese | given], **english, **given)["prompt"] == "a b"
