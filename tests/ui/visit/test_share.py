"""The dialog that shares what a page shows."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from kvembed.contract import KEYS
from kvembed.contract import PAGES as CONTRACT
from kvembed.prepare import preparation
from kvembed.snippet import FORMATS, HOSTS, snippet
from kvembed.view import View
from tests.opening import Open
from tests.ui.figures.test_numbers import block_of, floats, table
from tests.ui.snapshot.test_snapshot import Document
from tests.unfolding import unfold
from ui.figures.numbers import csv
from ui.language.i18n import translations
from ui.served.later import LaterError
from ui.views import address
from ui.views.pages import BY_NAME, PAGES, Page
from ui.visit import share_files
from ui.visit.current_figure import Figure
from ui.visit.share_files import files, recorded

SERVER = "https://kv.example"
PROMPT = 'The "old" man <b> & 月光 #1 50% + = ? 👩‍👩‍👧'


def named(page: Page) -> str:
    return page.path or "home"


def opened(site: Open, page: Page, server: str = SERVER, **params: str) -> AppTest:
    app = site(page.file, **params)
    app.context |= {"url": f"{server}/{page.path}"}
    return app.button(key="share").click().run()


def codes(app: AppTest) -> list[str]:
    """The codes to copy: the link, then the snippet."""
    (dialog,) = app.get("dialog")
    return [code.value for code in dialog.get("code")]


@pytest.mark.parametrize("page", PAGES, ids=named)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_link_restores_exactly_the_view(site: Open, page: Page, lang: str) -> None:
    asked = {"layer": "2", "head": "1"}
    if page.path == "why-not-q":
        asked |= {"step": "5", "view": "3.1"}
    if page.path == "growth":
        asked |= {"step": "4", "view": "1:dog"}
    app = opened(site, page, prompt=PROMPT, lang=lang, **asked)
    assert not app.exception
    link = urlsplit(codes(app)[0])
    assert f"{link.scheme}://{link.netloc}" == SERVER
    assert link.path.strip("/") == page.path
    reading = address.read(dict(parse_qsl(link.query, keep_blank_values=True)))
    assert not reading.notices
    shows = app.session_state["site_state"]
    assert reading.values == {part: getattr(shows, part) for part in page.parts}
    assert reading.values["prompt"] == PROMPT
    assert reading.values["lang"] == lang
    parts = asked.keys() & set(page.parts)
    assert {part: str(reading.values[part]) for part in parts} == {p: asked[p] for p in parts}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_dialog_speaks_the_language_of_the_page(site: Open, lang: str) -> None:
    app = opened(site, BY_NAME["why-not-q"], prompt="月光如水", lang=lang)
    say = translations(lang).gettext
    (dialog,) = app.get("dialog")
    assert dialog.proto.dialog.title == say("Share this view")
    assert dialog.get("multiselect")[0].label == say("What readers cannot change")
    assert say("Prompt") in dialog.get("multiselect")[0].options


@pytest.mark.parametrize("page", PAGES, ids=named)
@pytest.mark.parametrize("host", HOSTS)
def test_a_snippet_is_the_one_of_kvembed(site: Open, page: Page, host: str) -> None:
    app = opened(site, page, prompt=PROMPT)
    app.segmented_control(key="share_host").set_value(host)
    app.multiselect(key="share_lock").set_value(["prompt", "model"])
    app.button(key="share").click().run()
    state = app.session_state["site_state"]
    texts = address.write(state)
    parts = texts.keys() & set(page.parts)
    view = View.read(named(page), {part: texts[part] for part in parts})
    locked = replace(view, lock=("prompt", "model"))
    needed = preparation(host, SERVER)
    assert codes(app) == [
        view.url(SERVER),
        snippet(locked, host, SERVER),
        *([needed] if needed else []),
    ]
    assert "prompt,model" in codes(app)[1].replace("%2C", ",")


def test_every_host_of_kvembed_is_offered_and_every_page_has_its_parts() -> None:
    assert HOSTS.keys() == FORMATS.keys()
    assert {named(page) for page in PAGES} == set(CONTRACT)
    assert {part for page in PAGES for part in page.parts} == set(KEYS)


@pytest.mark.parametrize("server", ["http://127.0.0.1:8501", "https://x.example/courses/kv"])
def test_a_link_leads_to_the_server_that_the_browser_knows(site: Open, server: str) -> None:
    for page in (BY_NAME["home"], BY_NAME["why-not-q"]):
        link = codes(opened(site, page, server, prompt="月光"))[0]
        assert link.startswith(f"{server}/{page.path}?"), link


def test_an_empty_prompt_has_nothing_to_share_and_says_so(site: Open) -> None:
    app = opened(site, BY_NAME["why-not-q"], prompt="")
    assert codes(app) == []
    assert "empty" in app.get("dialog")[0].get("info")[0].value


def test_the_dialog_is_closed_until_it_is_asked_for(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光如水")
    assert not app.get("dialog")


def test_the_numbers_are_those_of_the_run_on_the_page_and_not_of_a_new_one(site: Open) -> None:
    app = site("timing.py", prompt=PROMPT, view="8x1")
    app.button(key="run").click().run()
    app.button(key="share").click()
    app.context |= {"url": SERVER}
    app.run()
    assert not app.exception
    figure = app.session_state["site_figure"]
    (numbers,) = (file for file in files(figure, str, str) if file.ending == "csv")
    columns = table(numbers.make())
    _asked, result = app.session_state["race_result"]
    measured = 1e3 * np.concatenate([result.cached[0], result.recomputed[0]])
    np.testing.assert_allclose(floats(columns["milliseconds"]), measured, rtol=1e-6)
    (dialog,) = app.get("dialog")
    assert numbers.label in [button.label for button in dialog.get("download_button")]


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "timing"], ids=named)
def test_the_numbers_on_offer_are_those_of_the_block_that_was_sent(site: Open, page: Page) -> None:
    app = opened(site, page, prompt=PROMPT, layer="1")
    kind, block = app.session_state["site_figure"]
    assert block == block_of(app, kind)
    (numbers,) = (file for file in files(Figure(kind, block), str, str) if file.ending == "csv")
    assert numbers.make() == csv(kind, block)


def test_a_page_without_a_figure_offers_no_file_of_the_page_before(site: Open) -> None:
    app = site("why_not_q.py", prompt=PROMPT)
    app.text_input(key="prompt").set_value("a")
    app.context |= {"url": SERVER}
    app.button(key="share").click().run()
    (dialog,) = app.get("dialog")
    assert not dialog.get("download_button")
    assert codes(app)


def test_a_text_that_is_longer_than_is_read_can_still_be_shared(site: Open) -> None:
    app = opened(site, BY_NAME["growth"], prompt="a b " * 200)
    assert not app.exception
    (dialog,) = app.get("dialog")
    assert len(dialog.get("download_button")) == len(files(Figure("growth", b""), str, str))


def test_what_is_locked_on_the_page_is_locked_for_whoever_gets_the_link(site: Open) -> None:
    app = opened(site, BY_NAME["why-not-q"], prompt="月光如水", lock="prompt,layer")
    link, line = codes(app)
    assert dict(parse_qsl(urlsplit(link).query))["lock"] == "prompt,layer"
    assert app.multiselect(key="share_lock").value == ["prompt", "layer"]
    assert 'lock="prompt,layer"' in line


def test_a_frame_in_another_page_has_no_control_to_share(site: Open) -> None:
    app = site("why_not_q.py", prompt="月光如水")
    assert [button for button in app.button if button.key == "share"]
    app.context |= {"is_embedded": True}
    assert not [button for button in app.run().button if button.key == "share"]


def test_the_poster_is_asked_for_when_it_is_looked_at(site: Open) -> None:
    app = opened(site, BY_NAME["why-not-q"], prompt="月光如水")
    assert not app.get("dialog")[0].get("html")
    app.session_state["share_poster"] = True
    app.button(key="share").click().run()
    (dialog,) = app.get("dialog")
    (poster,) = dialog.get("html")
    assert f'<img src="{SERVER}/poster.svg?page=why-not-q&amp;lang=en' in poster.proto.body


def test_the_recording_on_offer_is_of_the_block_that_was_sent(site: Open) -> None:
    app = opened(site, BY_NAME["home"], prompt="The old man")
    app.text_input(key="prompt").set_value("The old whale").run()
    kind, block = app.session_state["site_figure"]
    view = View("home", prompt="The old whale", model="tiny", layer=0, head=5, lang="zh")
    meta, arrays = unfold(Document(recorded(view, Figure(kind, block), SERVER)).block)
    theirs, drawn = unfold(block)
    assert meta | {"text": theirs["text"]} == theirs  # it has the words of every language
    assert (meta["start"], len(meta["dropped"])) == (2, 1)  # as it was typed, and not as new
    np.testing.assert_array_equal(arrays["k"], drawn["k"])


def test_a_picture_that_cannot_be_made_says_so_beside_the_files_that_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*_given: object, **_named: object) -> None:
        raise LaterError("the picture could not be drawn")

    def page() -> None:
        from kvembed.view import View
        from ui.visit import share_files

        share_files.draw(View("timing"), ("race", b""), "")

    monkeypatch.setattr(share_files, "draw_picture", failing)
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert "The picture could not be made. Try again in a moment." in [
        each.value for each in app.caption
    ]
    assert len(app.get("download_button")) == 3
