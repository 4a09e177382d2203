"""The frame around every page, opened through the site's own entry."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from kvcore.checkpoint.embedded import tiny_folder
from kvembed.contract import MAX_PROMPT_TOKENS
from kvembed.languages import LANGUAGES
from tests.opening import CONFIG, MAIN, Open
from ui.language.i18n import speaker, translations
from ui.served import host, models
from ui.views.openings import opening
from ui.views.pages import BY_NAME, PAGES

POEMS = json.loads((tiny_folder() / "recites.json").read_text(encoding="utf-8"))


def said(app: AppTest) -> str:
    return " ".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path or "home")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_opens_by_itself_in_its_language(site: Open, page: object, lang: str) -> None:
    app = site(page.file, lang=lang, prompt="月光")
    assert not app.exception
    assert [title.value for title in app.title] == [page.title[lang]]


@pytest.mark.parametrize(
    ("locale", "title"), [("zh-CN", "解码器记住了什么"), ("fr-FR", BY_NAME["home"].title["en"])]
)
def test_without_a_language_in_the_address_the_browsers_counts(
    site: Open, locale: str, title: str
) -> None:
    assert site(locale=locale).title[0].value == title


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_language_can_be_switched_and_the_prompt_stays(site: Open, lang: str) -> None:
    other = next(code for code in LANGUAGES if code != lang)
    app = site(lang=lang, prompt="月光")
    app.segmented_control(key="lang").set_value(other).run()
    assert app.title[0].value == BY_NAME["home"].title[other]
    assert app.text_input(key="prompt").value == "月光"


def test_a_link_restores_prompt_layer_and_head(site: Open) -> None:
    app = site("why_not_q.py", prompt="a b c", layer="2", head="3")
    assert app.text_input(key="prompt").value == "a b c"
    assert app.slider(key="layer").value == 2
    assert app.slider(key="head").value == 3
    assert not app.warning


def follow(app: AppTest, page: object, query: str | None = None) -> AppTest:
    """Click the page's link in the row at the top: its address is what it was drawn with."""
    link = next(link.proto for link in app.get("page_link") if link.proto.page == page.path)
    app.query_params.clear()
    for key, values in parse_qs(link.query_string if query is None else query).items():
        app.query_params[key] = values[0]
    return app.switch_page(str(MAIN.parents[1] / "pages" / page.file)).run()


@pytest.mark.parametrize("name", ["why-not-q", "timing"])
def test_what_the_visitor_chose_goes_along_to_every_page(site: Open, name: str) -> None:
    app = site("growth.py", prompt="月光", layer="1", step="2")
    app.text_input(key="prompt").set_value("月光如").run()
    app.slider(key="layer").set_value(2).run()
    follow(app, BY_NAME[name])
    assert app.text_input(key="prompt").value == "月光如"
    assert app.session_state["site_state"].layer == 2
    assert app.session_state["site_state"].step != 2, "each page has its own steps"
    assert app.title[0].value == BY_NAME[name].title["en"]


def test_a_link_drawn_before_the_last_letter_does_not_take_it_back(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光")
    app.text_input(key="prompt").set_value("月光如").run()
    # A fragment draws the page without its links again, so they can lag behind what was typed.
    app.session_state["site_state"].prompt = "月光如水"
    assert follow(app, BY_NAME["growth"]).text_input(key="prompt").value == "月光如水"


def test_a_link_that_asks_for_something_else_gets_it(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光", layer="1")
    follow(app, BY_NAME["growth"], "lang=zh&prompt=xyz&layer=2")
    assert app.text_input(key="prompt").value == "xyz"
    assert app.slider(key="layer").value == 2
    assert app.title[0].value == "看缓存逐步增长"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nonsense_in_every_key_gets_a_sentence_each_and_a_page(site: Open, lang: str) -> None:
    app = site(
        "growth.py",
        lang=lang,
        prompt="a\x00b",
        model="no*such",
        layer="99",
        head="-1",
        step="zz",
        view="<b>",
    )
    assert not app.exception
    text = said(app)
    for part in ("layer=99", r"head=\-1", "step=zz", r"no\*such", "�"):
        assert part in text, part
    assert ("out of range" in text) == (lang == "en")
    assert app.session_state["site_state"].layer == CONFIG.n_layers - 1


def test_a_language_that_is_none_gets_a_sentence(site: Open) -> None:
    app = site(lang="klingon", locale="zh-CN")
    assert "klingon" in said(app)
    assert app.title[0].value == "解码器记住了什么"


def test_a_sentence_goes_when_the_visitor_chooses_something_else(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光如", layer="99")
    assert "layer=99" in said(app)
    app.slider(key="head").set_value(1).run()
    assert "layer=99" in said(app), "another choice does not answer it"
    app.slider(key="layer").set_value(1).run()
    assert "layer=99" not in said(app)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path or "home")
def test_an_empty_prompt_gets_a_sentence_and_no_error(site: Open, page: object) -> None:
    app = site(page.file, prompt="")
    assert not app.exception
    assert "empty" in said(app)
    app.text_input(key="prompt").set_value("月光").run()
    assert "empty" not in said(app)


@pytest.mark.parametrize("length", [MAX_PROMPT_TOKENS + 1, 100_000])
def test_a_prompt_that_is_too_long_is_kept_and_its_start_is_read(site: Open, length: int) -> None:
    app = site("why_not_q.py", prompt="Q" * length)
    assert not app.exception
    assert f"{MAX_PROMPT_TOKENS} tokens" in said(app)
    assert str(length) in said(app)
    assert app.text_input(key="prompt").value == "Q" * length


def test_a_prompt_that_just_fits_gets_no_sentence(site: Open) -> None:
    assert not site("why_not_q.py", prompt="Q" * MAX_PROMPT_TOKENS).warning


@pytest.mark.parametrize(
    "prompt", ["שלום עולם", "👩‍👩‍👧", "床前明月光", "\ufffd", "   ", "<|im_end|>"]
)
def test_any_other_text_is_simply_read(site: Open, prompt: str) -> None:
    app = site("why_not_q.py", prompt=prompt)
    assert not app.exception
    assert not app.warning


def test_characters_that_the_model_has_no_token_for_are_named(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host.decoder("tiny").tokenizer, "lost", lambda text: "*!"[: len(text)])
    app = site(prompt="月光")
    assert not app.exception
    assert r"not fed them: \*\!" in said(app)


def test_a_line_break_that_the_model_writes_is_a_space_in_the_field_and_stays_in_the_cache(
    site: Open,
) -> None:
    app = site(prompt="月光")
    session = app.session_state["live"].session
    [line_break] = host.decoder("tiny").tokenizer.encode("\n")
    session.last = replace(session.last, next_id=line_break)
    app.button(key="write_on").click().run()
    assert app.text_input(key="prompt").value == "月光 "
    assert not app.warning
    app.slider(key="layer").set_value(1).run()
    assert session.ids[-1] == line_break


def test_a_second_click_writes_nothing_past_the_longest_text(site: Open) -> None:
    app = site(prompt="Q" * (MAX_PROMPT_TOKENS - 1))
    session = app.session_state["live"].session
    session.step()  # what the first click does, before the button is drawn as disabled
    app.button(key="write_on").click().run()
    assert len(session.ids) <= MAX_PROMPT_TOKENS


@pytest.mark.parametrize("name", ["home", "why-not-q", "growth"])
def test_shapes_are_announced_only_where_some_follow(site: Open, name: str) -> None:
    captions = [caption.value for caption in site(BY_NAME[name].file, prompt="月光如").caption]
    announced = [value for value in captions if value.startswith("Shapes in this run")]
    assert all(value.rstrip().endswith(tuple("0123456789")) for value in announced)
    assert bool(announced) == (name != "home")


def addresses(app: AppTest) -> list[str]:
    """The addresses that the page has written to the address bar, in order."""
    parts = [str(part.proto) for part in app.get("bidi_component")]
    return [part for part in parts if "site.history" in part]


def test_the_address_is_written_in_full(site: Open) -> None:
    text = addresses(site("why_not_q.py", prompt="月光"))[-1]
    for key in ("lang", "prompt", "model", "layer", "head", "step"):
        assert f'\\"{key}\\":' in text, text


def test_the_model_can_be_chosen_where_there_are_several(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光")
    picker = app.segmented_control(key="model")
    assert picker.options == ["Tiny, our own", "SmolLM2, the real thing"]
    picker.set_value("smollm2").run()
    assert not app.exception
    assert app.button(key="fetch")
    app.segmented_control(key="model").set_value("tiny").run()
    assert app.slider(key="layer")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_no_site_can_count_is_said_with_its_source(lang: str) -> None:
    said = models.about("smollm2", CONFIG, speaker(lang))
    assert "](https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct)" in said
    assert {"en": "4-bit file (Q4_1)", "zh": "4 位量化文件（Q4_1）"}[lang] in said
    assert "{" not in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path or "home")
@pytest.mark.parametrize(("lang", "read"), [("en", "Moby-Dick"), ("zh", "白鲸")])
def test_every_page_says_how_large_the_model_is_and_what_it_has_read(
    site: Open, page: object, lang: str, read: str
) -> None:
    captions = [caption.value for caption in site(page.file, lang=lang).caption]
    (said,) = (each for each in captions if read in each)
    assert f"{CONFIG.n_layers} " in said
    assert f" {len(POEMS)} " in said


def test_no_model_is_asked_for_where_there_is_one(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "_models", {"tiny": host._models["tiny"]})
    app = site("why_not_q.py", prompt="月光")
    assert "model" not in [each.key for each in app.segmented_control]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_model_that_is_not_here_is_offered(site: Open, lang: str) -> None:
    app = site(model="smollm2", lang=lang)
    assert not app.exception
    assert app.title
    button = app.button(key="fetch")
    assert button.label == translations(lang).gettext("Fetch the model")


def test_the_offer_fetches_and_shows_how_far_it_is(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site(model="smollm2")
    going = host.Status("fetching", host.Progress("download", 31_000_000, 93_000_000))
    monkeypatch.setattr(host, "start", lambda name: setattr(host._models[name], "status", going))
    app.button(key="fetch").click().run()
    assert not app.exception
    bar = app.get("progress")[0].proto
    assert "31 of 93 MB" in bar.text
    assert 0 < bar.value < 60


@pytest.mark.parametrize("reason", ["no pip", "download", "checksum", "disk", "folder"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_failure_is_told_with_its_reason_and_a_way_on(
    site: Open, monkeypatch: pytest.MonkeyPatch, reason: str, lang: str
) -> None:
    failed = host.Status("failed", reason=reason)
    monkeypatch.setattr(host._models["smollm2"], "status", failed)
    app = site(model="smollm2", lang=lang)
    assert len(app.error) == 1
    assert app.caption[0].value == translations(lang).gettext(
        "What exactly is wrong is in the server's log."
    )
    assert app.button(key="fetch").label == translations(lang).gettext("Try again")


def test_two_visitors_have_their_own_languages_and_states(site: Open) -> None:
    one, two = site(lang="en", prompt="月光"), site(lang="zh", prompt="cd")
    one.run()
    assert one.title[0].value == BY_NAME["home"].title["en"]
    assert two.title[0].value == "解码器记住了什么"
    assert (one.text_input(key="prompt").value, two.text_input(key="prompt").value) == (
        "月光",
        "cd",
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_visit_without_an_address_opens_on_a_prompt_a_layer_and_a_head(
    site: Open, lang: str
) -> None:
    app, opens_on = site("why_not_q.py", lang=lang), opening("tiny", lang)
    assert app.text_input(key="prompt").value == opens_on.prompt
    assert app.slider(key="layer").value == opens_on.layer
    assert app.slider(key="head").value == opens_on.head


def test_a_prompt_that_nobody_typed_follows_the_language_and_the_model(site: Open) -> None:
    app = site("growth.py", lang="en")
    app.segmented_control(key="model").set_value("smollm2").run()
    assert app.text_input(key="prompt").value == opening("smollm2", "en").prompt
    app = site("growth.py", lang="en")
    app.segmented_control(key="lang").set_value("zh").run()
    assert app.text_input(key="prompt").value == opening("tiny", "zh").prompt
    assert app.text_input(key="edit_text").value == opening("tiny", "zh").edit[1]


def test_an_empty_prompt_in_a_link_stays_empty(site: Open) -> None:
    assert site(prompt="").text_input(key="prompt").value == ""


def test_another_model_starts_at_its_own_layer_and_head_without_a_complaint(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光", layer="3", head="5", model="tiny")
    app.segmented_control(key="model").set_value("smollm2").run()
    state = app.session_state["site_state"]
    assert (state.prompt, state.layer, state.head) == ("月光", None, None)
    app.segmented_control(key="model").set_value("tiny").run()
    assert app.slider(key="layer").value == opening("tiny", "en").layer
    assert app.slider(key="head").value == opening("tiny", "en").head
    assert not app.warning


@pytest.mark.parametrize("file", ["growth.py", "timing.py"])
def test_the_longest_prompt_leaves_room_for_what_a_page_writes_on(site: Open, file: str) -> None:
    app = site(file, prompt="Q" * MAX_PROMPT_TOKENS, view="48x1" if file == "timing.py" else "1:山")
    if file == "timing.py":
        app.button(key="run").click().run()
    assert not app.exception
    assert not app.error


def test_a_link_to_another_page_leaves_the_step_and_the_view_behind(site: Open) -> None:
    app = site("growth.py", prompt="月光", layer="1", step="2", view="0:x")
    for link in app.get("page_link"):
        keys = parse_qs(link.proto.query_string)
        assert keys["layer"] == ["1"]
        assert not {"step", "view"} & keys.keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_that_ends_early_still_says_what_was_wrong_and_writes_its_address(
    site: Open, lang: str
) -> None:
    app = site("growth.py", prompt="", model="smollm2", layer="x", step="y", lang=lang)
    assert not app.exception
    assert "layer=x" in said(app)
    assert "step=y" in said(app)
    assert len(addresses(app)) == 2, "before the page and after it"
