"""kv.matrix and kv.growth as a page calls them: what is sent, what comes back, what is refused."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.figures import growth, matrix
from ui.figures.figure import Figure
from ui.figures.growth import GrowthStep, growth_block
from ui.figures.matrix import matrix_block
from ui.figures.pack import unpack
from ui.figures.registry import FIGURES
from ui.front import FIGURES as FOLDERS


def page(name: str, **changes: object) -> None:
    """A page with one figure of three tokens, put in session state with what it returned."""
    from types import SimpleNamespace

    import numpy as np
    import streamlit as st

    from ui.figures import growth as grow
    from ui.figures import matrix as matr
    from ui.visit import drawing

    n, dim = 3, 4
    tokens = [SimpleNamespace(text=t, space=True, part=1, parts=1) for t in ("a", "<b>", "c")]
    square = np.linspace(-1, 1, n * n, dtype=np.float32).reshape(n, n)
    rows = np.linspace(-2, 2, n * dim, dtype=np.float32).reshape(n, dim)
    values: dict = {
        "tokens": tokens,
        "k": rows,
        "v": rows,
        "scores": square,
        "weights": np.abs(square),
        "mask": np.tril(np.ones((n, n), bool)),
    }
    if name == "matrix":
        values |= {"q": rows, "z": rows, "stage": 2, "text": dict.fromkeys(matr.words("en"), "x")}
        block = matr.matrix_block(**values | changes)
        newest = matr.Cell(n - 1, n - 1)
        st.session_state.got = drawing.draw_matrix(block, key="figure", n_tokens=n, cell=newest)
    else:
        taken = [grow.Candidate(label=tokens[0], p=0.5)]
        fed = {"held_bytes": 8, "read_bytes": 8, "ms": 1.5, "next": taken, "chosen": 0}
        values |= {
            "steps": [
                grow.GrowthStep(phase="prefill", start=0, fed=2, **fed),
                grow.GrowthStep(phase="decode", start=2, fed=1, **fed),
            ],
            "layer": 0,
            "head": 0,
            "kv_head": 0,
            "n_layers": 2,
            "n_kv_heads": 1,
            "text": dict.fromkeys(grow.words("en"), "x"),
        }
        step = drawing.settled_step("figure", 2, changes.pop("step", 0))
        drawing.draw_growth(grow.growth_block(**values | changes, step=step), key="figure")
        st.session_state.got = step


def opened(name: str, **changes: Any) -> AppTest:
    at = AppTest.from_function(page, args=(name,), kwargs=changes, default_timeout=30)
    return at.run()


def sent(at: AppTest) -> tuple[Any, dict[str, np.ndarray]]:
    (element,) = at.get("bidi_component")
    return unpack(element.proto.bytes)


@pytest.mark.parametrize("name", ["matrix", "growth"])
def test_a_figure_is_sent_as_a_path_and_one_block(name: str) -> None:
    at = opened(name)
    assert not at.exception
    (element,) = at.get("bidi_component")
    assert element.proto.js_source_path.startswith(f"figures/{name}/live.js")
    assert not element.proto.js_content
    meta, arrays = unpack(element.proto.bytes)
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


def figure(name: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    square, rows = np.zeros((2, 2), np.float32), np.zeros((2, 4), np.float32)
    common: dict[str, Any] = {"tokens": [None, None], "k": rows, "v": rows}
    common |= {"scores": square, "weights": square, "mask": square > 0}
    if name == "matrix":
        more: dict[str, Any] = {"q": rows, "z": rows, "stage": 1}
        return matrix_block, common | more | {"text": dict.fromkeys(matrix.words("en"), "")}
    step = GrowthStep(
        phase="prefill", start=0, fed=2, held_bytes=0, read_bytes=0, ms=0, next=[], chosen=None
    )
    more = {"steps": [step], "layer": 0, "head": 0, "kv_head": 0, "n_layers": 1, "n_kv_heads": 1}
    return growth_block, common | more | {"text": dict.fromkeys(growth.words("en"), "")}


@pytest.mark.parametrize("name", ["matrix", "growth"])
@pytest.mark.parametrize("array", ["k", "v", "scores", "weights", "mask"])
def test_an_array_of_the_wrong_shape_is_refused_with_both_shapes(name: str, array: str) -> None:
    packed, values = figure(name)
    values[array] = np.zeros((5, 5), np.float32)
    with pytest.raises(ValueError, match=r"\(5, 5\).*need|\(2, \d\).*need"):
        packed(**values)


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
    packed, values = figure("matrix")
    with pytest.raises(ValueError, match=r"stage=8.*1 to 7"):
        packed(**values | {"stage": 8})


def test_steps_that_do_not_feed_every_token_are_refused_with_both_counts() -> None:
    packed, values = figure("growth")
    with pytest.raises(ValueError, match=r"feed 2 tokens.*3 labels"):
        packed(**values | {"tokens": [None] * 3})


def test_a_step_that_the_run_does_not_have_is_refused() -> None:
    packed, values = figure("growth")
    with pytest.raises(ValueError, match=r"step=1 is not one of 1: give 0 to 0"):
        packed(**values | {"step": 1})


def test_a_candidate_keeps_its_probability() -> None:
    assert sent(opened("growth"))[0]["steps"][1]["next"][0]["p"] == 0.5
