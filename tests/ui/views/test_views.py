"""Views: the blocks that pages send, made without a page, and what a view is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kvcore
from kvembed.contract import MAX_PROMPT_TOKENS as MOST
from kvembed.languages import LANGUAGES
from tests.opening import Open
from tests.unfolding import unfold
from ui.language.i18n import ROOT, sections
from ui.served import runs
from ui.views.block import block_for
from ui.views.pages import BY_NAME, PAGES, Page

PROMPT = "The old man and the"
FILES = {"home": "home.py", "why-not-q": "why_not_q.py", "growth": "growth.py"}
FIGURES = {"home": "cache_view", "why-not-q": "matrix", "growth": "growth", "timing": "race"}


def view(page: str, **asked: Any) -> Any:
    nothing = {"prompt": "", "model": "", "layer": None, "head": None, "step": None, "view": None}
    return SimpleNamespace(**nothing | {"page": page} | asked)


@pytest.fixture(scope="module")
def decoder(tiny_loaded: Any) -> kvcore.Decoder:
    return tiny_loaded.decoder


def still(block: bytes) -> tuple[Any, dict[str, np.ndarray]]:
    """A block without its clock, and without who chose what it shows."""
    meta, arrays = unfold(block)
    meta.pop("control", None)
    for step in [meta, *meta.get("steps", [])]:
        step.pop("ms", None)
    return meta, arrays


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("home", {}),
        ("home", {"prompt": PROMPT, "layer": 2, "head": 1}),
        ("why-not-q", {}),
        ("why-not-q", {"prompt": PROMPT, "layer": 3, "head": 4, "step": 5, "view": "3.1"}),
        ("why-not-q", {"prompt": PROMPT, "step": 5, "view": "2"}),
        ("why-not-q", {"prompt": PROMPT, "step": 7, "view": "2"}),
        ("why-not-q", {"prompt": PROMPT, "step": 7, "view": "3.1"}),
        ("why-not-q", {"prompt": "A cat", "step": 7}),
        ("growth", {}),
        ("growth", {"prompt": PROMPT, "layer": 1, "head": 5, "step": 9}),
    ],
    ids=str,
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_view_is_what_its_page_sends(
    page: str, asked: dict[str, Any], lang: str, site: Open, decoder: kvcore.Decoder
) -> None:
    app = site(FILES[page], lang=lang, **{key: str(value) for key, value in asked.items()})
    figure, block = block_for(view(page, **asked), lang)
    protos = [each.proto for each in app.get("bidi_component")]
    sent = next(proto.bytes for proto in protos if proto.component_name == f"kv.{figure}")
    (ours, arrays), (theirs, drawn) = still(block), still(sent)
    assert ours == theirs
    assert list(arrays) == list(drawn)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, drawn[name], err_msg=name)


@pytest.mark.parametrize("page", FIGURES)
def test_every_page_has_a_view_in_both_languages(page: str, decoder: kvcore.Decoder) -> None:
    spoken = {}
    for lang in ("en", "zh"):
        figure, block = block_for(view(page), lang, decoder)
        assert figure == FIGURES[page]
        spoken[lang] = unfold(block)[0]["text"]
    assert spoken["en"].keys() == spoken["zh"].keys()
    assert spoken["en"] != spoken["zh"]


@pytest.mark.parametrize(
    ("asked", "deleted", "cell"),
    [
        ({"step": 7, "view": "2"}, {"q": True, "k": 2, "v": 2}, [4, 4]),
        ({"step": 7}, {"q": True, "k": 1, "v": 1}, [4, 4]),
        ({"step": 6, "view": "3.1"}, {"q": False, "k": None, "v": None}, [3, 1]),
    ],
)
def test_the_last_step_strikes_out_what_the_view_names_and_the_others_nothing(
    asked: dict[str, Any], deleted: dict[str, Any], cell: list[int], decoder: kvcore.Decoder
) -> None:
    meta, _ = unfold(block_for(view("why-not-q", prompt=PROMPT, **asked), "en", decoder)[1])
    assert meta["deleted"] == deleted
    assert meta["cell"] == cell


def test_the_race_writes_as_many_tokens_as_often_as_its_view_says(decoder: kvcore.Decoder) -> None:
    _, block = block_for(view("timing", prompt=PROMPT, view="8x3"), "en", decoder)
    meta, arrays = unfold(block)
    assert len(meta["tokens"]) == 8
    assert arrays["cached_ms"].shape == arrays["recomputed_ms"].shape == (3, 8)


@pytest.mark.parametrize(
    ("page", "asked", "said"),
    [
        ("home", {"prompt": " " * 2001}, "2001 characters, and at most 2000"),
        ("home", {"prompt": "a b " * MOST}, f"{2 * MOST + 1} tokens, and at most {MOST}"),
        ("home", {"layer": 4}, "layer=4 is out of range: give 0 to 3"),
        ("home", {"head": 6}, "head=6 is out of range: give 0 to 5"),
        ("why-not-q", {"prompt": "A"}, "1 token has no past"),
        ("why-not-q", {"step": 8}, "step=8 is out of range: give 1 to 7"),
        ("why-not-q", {"step": 0}, "step=0 is out of range: give 1 to 7"),
        ("why-not-q", {"prompt": PROMPT, "view": "5.0"}, "view='5.0' is not a cell.*4.4"),
        ("why-not-q", {"prompt": PROMPT, "view": "x"}, "view='x' is not a cell"),
        ("why-not-q", {"prompt": PROMPT, "step": 7, "view": "4"}, "view='4' is not an old token"),
        ("growth", {"prompt": PROMPT, "step": 16}, "step=16 is out of range: give 0 to 15"),
        ("timing", {"view": "9x9"}, "view='9x9' is not tokens and repeats: give one of 8x1"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    page: str, asked: dict[str, Any], said: str, decoder: kvcore.Decoder
) -> None:
    with pytest.raises(ValueError, match=said):
        block_for(view(page, **asked), "en", decoder)


def test_a_text_without_a_token_is_refused(decoder: kvcore.Decoder) -> None:
    silent = replace(decoder, tokenizer=SimpleNamespace(encode=lambda text: []))
    with pytest.raises(ValueError, match="the prompt '☃' has 0 tokens that tiny knows"):
        block_for(view("home", prompt="☃"), "en", silent)


def test_a_model_that_is_not_on_this_machine_is_refused_by_name(tiny_host: None) -> None:
    for name in ("smollm2", "no-such"):
        with pytest.raises(ValueError, match=f"no model named '{name}' on this machine.*tiny"):
            block_for(view("home", model=name), "en")


def test_times_are_kept_for_their_day(
    decoder: kvcore.Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = tuple(decoder.tokenizer.encode(PROMPT))
    timed = (
        lambda: runs.read(decoder, ids),
        lambda: runs.written(decoder, ids, 2),
        lambda: runs.raced(decoder, ids, 2, 1),
    )
    today = [run() for run in timed]
    assert all(run() is kept for run, kept in zip(timed, today, strict=True))
    tomorrow = runs.today() + timedelta(days=1)
    monkeypatch.setattr(runs, "today", lambda: tomorrow)
    assert not any(run() is kept for run, kept in zip(timed, today, strict=True))


def test_views_and_packers_know_nothing_of_streamlit() -> None:
    source = "import sys, ui.views.blocks, ui.views.change, ui.record.derive\n"
    source += "import ui.figures.change, ui.figures.registry\n"
    source += "assert 'streamlit' not in sys.modules, 'streamlit was imported'"
    subprocess.run([sys.executable, "-c", source], check=True, timeout=60)


def test_a_page_that_forgets_a_part_of_itself_is_none() -> None:
    parts = {field.name: getattr(BY_NAME["home"], field.name) for field in fields(Page)}
    for part in parts:
        with pytest.raises(TypeError, match=part):
            Page(**{name: value for name, value in parts.items() if name != part})
    with pytest.raises(ValueError, match="figure='rays' must be one of cache_view, matrix"):
        Page(**parts | {"figure": "rays"})
    with pytest.raises(ValueError, match=r"kvembed/contract\.py has no page 'rays'"):
        Page(**parts | {"name": "rays"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_has_its_file_and_all_of_its_prose(page: Page, lang: str) -> None:
    assert (ROOT / "pages" / page.file).is_file()
    told = sections(page.name, lang)
    config = kvcore.load().config
    door = set() if page.name == "home" else {"door"}
    assert {*page.before, *page.after(config), *door} <= told.keys()
