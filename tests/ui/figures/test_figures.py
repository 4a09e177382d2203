"""kv.matrix and kv.growth as a page calls them: what is sent, what comes back, what is refused."""

import re
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.made_up import made_up, step
from tests.unfolding import unfold
from ui.figures.figure import Figure
from ui.figures.growth import growth_block
from ui.figures.matrix import matrix_block
from ui.figures.registry import FIGURES
from ui.front import FIGURES as FOLDERS


def page(name: str, **changes: object) -> None:
    """A page with one figure of three tokens, put in session state with what it returned."""
    import streamlit as st

    from tests.ui.made_up import made_up, step
    from ui.figures import growth, matrix
    from ui.visit import drawing

    steps = [step("prefill", 0, 2), step("decode", 2, 1)]
    if name == "matrix":
        values = {"layer": 0, "head": 0, "stage": 2, "text": dict.fromkeys(matrix.words("en"), "x")}
        block = matrix.matrix_block(made_up(), **values | changes)
        newest = matrix.Cell(2, 2)
        st.session_state.got = drawing.draw_matrix(block, key="figure", n_tokens=3, cell=newest)
    else:
        at = drawing.settled_step("figure", 2, changes.pop("step", 0))
        values = {"layer": 0, "head": 0, "step": at, "text": dict.fromkeys(growth.words("en"), "x")}
        block = growth.growth_block(made_up(steps=steps), **values | changes)
        drawing.draw_growth(block, key="figure")
        st.session_state.got = at


def opened(name: str, **changes: Any) -> AppTest:
    at = AppTest.from_function(page, args=(name,), kwargs=changes, default_timeout=30)
    return at.run()


def sent(at: AppTest) -> tuple[Any, dict[str, np.ndarray]]:
    (element,) = at.get("bidi_component")
    return unfold(element.proto.bytes)


@pytest.mark.parametrize("name", ["matrix", "growth"])
def test_a_figure_is_sent_as_a_path_and_one_block(name: str) -> None:
    at = opened(name)
    assert not at.exception
    (element,) = at.get("bidi_component")
    assert element.proto.js_source_path.startswith(f"figures/{name}/live.js")
    assert not element.proto.js_content
    meta, arrays = unfold(element.proto.bytes)
    assert [token["text"] for token in meta["tokens"]] == ["a", "<b>", "c"]
    assert arrays["scores"].dtype == np.float32
    np.testing.assert_array_equal(arrays["mask"], np.tril(np.ones((3, 3))))


def test_a_second_server_in_the_same_process_serves_the_figures_too() -> None:
    assert not opened("matrix").exception
    assert not opened("matrix").exception


def test_the_cell_that_was_clicked_comes_back() -> None:
    at = opened("matrix")
    assert tuple(at.session_state.got) == (2, 2)
    at.session_state["figure"] = {"cell": [2, 1]}
    at.run()
    assert tuple(at.session_state.got) == (2, 1)


def test_a_cell_of_a_longer_prompt_is_forgotten() -> None:
    at = opened("matrix")
    at.session_state["figure"] = {"cell": [7, 1]}
    assert tuple(at.run().session_state.got) == (2, 2)


def test_growth_opens_at_the_pages_step_and_then_follows_the_visitor() -> None:
    at = opened("growth", step=1)
    assert at.session_state.got == 1
    assert sent(at)[0]["step"] == 1
    at.session_state["figure"] = {"step": 0}
    at.run()
    assert at.session_state.got == 0
    assert sent(at)[0]["step"] == 0


def test_a_step_beyond_the_end_opens_the_last_one() -> None:
    assert opened("growth", step=99).session_state.got == 1


OF_STRINGS = {"append", "match", "replace", "replaceAll", "split"}  # what JavaScript calls


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_every_word_that_its_script_asks_for(name: str) -> None:
    script = "".join(each.read_text("utf-8") for each in (FOLDERS / name).glob("*.js"))
    asked = set(re.findall(r"\btext\.(\w+)", script)) - OF_STRINGS
    begun = set(re.findall(r"\btext\[`(\w+_)\$", script))  # such as label_${name}
    words = {**FIGURES[name].words("en"), "caption": ""}  # the matrix has one in step 7 alone
    assert asked and asked <= words.keys()
    assert all(any(word.startswith(each) for word in words) for each in begun)


@pytest.mark.parametrize("missing", ["words", "rows", "moved", "timed", "heights"])
def test_a_figure_that_forgets_a_part_of_itself_is_none(missing: str) -> None:
    parts = asdict(FIGURES["race"])
    del parts[missing]
    with pytest.raises(TypeError, match=missing):
        Figure(**parts)


def test_a_figure_without_a_folder_of_its_own_is_none() -> None:
    with pytest.raises(
        ValueError, match=r"the figure rays has no \['live.js', 'live.css', 'still.js'\]"
    ):
        replace(FIGURES["race"], name="rays")


def test_a_stage_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"stage=8.*1 to 7"):
        matrix_block(made_up(), layer=0, head=0, stage=8, text={})


def test_steps_that_do_not_feed_every_token_are_refused_with_both_counts() -> None:
    record = made_up(steps=[step("prefill", 0, 2)])
    with pytest.raises(ValueError, match=r"feed 2 tokens.*3 labels"):
        growth_block(record, layer=0, head=0, text={})


def test_a_step_that_the_run_does_not_have_is_refused() -> None:
    record = made_up(steps=[step("prefill", 0, 3)])
    with pytest.raises(ValueError, match=r"step=1 is not one of 1: give 0 to 0"):
        growth_block(record, layer=0, head=0, text={}, step=1)


def test_a_run_without_steps_is_not_played() -> None:
    with pytest.raises(ValueError, match="0 steps cannot be played"):
        growth_block(made_up(), layer=0, head=0, text={})


def test_a_candidate_keeps_its_probability() -> None:
    assert sent(opened("growth"))[0]["steps"][1]["next"][0]["p"] == 0.5
