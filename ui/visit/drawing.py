"""Draw a packed figure on a page, and hear what the visitor did in it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.figures.control import Control
from ui.figures.matrix import Cell
from ui.figures.registry import FIGURES
from ui.front import KVFRONT
from ui.visit import current_figure
from ui.visit.family import Family
from ui.visit.picture import picture_block

_FIGURES: Final = Family(
    "kv",
    KVFRONT,
    {name: f"figures/{name}/live" for name in (*FIGURES, "change")}
    | {name: f"controls/{name}" for name in ("picture", "steps")},
    styled=True,
)


def place(figure: str, key: str) -> DeltaGenerator:
    """Where a figure is going to stand: the document keeps its height free until then."""
    return st.container(key=f"figure_{figure}_{key}")


def draw_figure(figure: str, block: bytes, *, key: str) -> None:
    """Draw the figure of a page, one that has nothing to tell."""
    current_figure.keep(figure, block)
    _FIGURES.renderer(figure)(key=key, data=block)


def draw_change(block: bytes, *, key: str) -> None:
    """Draw kv.change, which stands beside the figure of a page."""
    with place("change", key):
        _FIGURES.renderer("change")(key=key, data=block)


def draw_matrix(
    block: bytes, *, key: str, n_tokens: int, cell: Cell, control: Control = "free"
) -> Cell:
    """Draw kv.matrix of `n_tokens`; return the cell the visitor chose, at first `cell`.

    Unless it is free, `cell` goes before what the visitor chose.
    """
    current_figure.keep("matrix", block)
    state = _FIGURES.renderer("matrix")(key=key, data=block, on_cell_change=_heard)
    chosen = state.get("cell")
    if control != "free" or chosen is None or max(chosen) >= n_tokens:
        return cell
    return Cell(*chosen)


def draw_growth(block: bytes, *, key: str) -> None:
    """Draw kv.growth; the next run asks `settled_step` where the visitor went."""
    current_figure.keep("growth", block)
    _FIGURES.renderer("growth")(key=key, data=block, on_step_change=_heard)


def draw_picture(name: str, text: Mapping[str, str], make: Callable[[], str], *, key: str) -> None:
    """Draw kv.picture: a button that saves what `make` draws, an SVG, as the PNG file `name`."""
    asked = (st.session_state.get(key) or {}).get("asked")
    block = picture_block(make() if asked else "", name, text)
    _FIGURES.renderer("picture")(key=key, data=block, width="content", on_asked_change=_heard)


def draw_steps(
    step: int,
    titles: Sequence[str],
    text: Mapping[str, str],
    then: Callable[[int], None],
    *,
    key: str,
) -> None:
    """Draw kv.steps at `step` of 1 to len(titles); `then` is called with what the visitor picks."""
    data = {"step": step, "titles": list(titles), "text": dict(text)}

    def picked() -> None:
        then(int(st.session_state[key]["step"]))

    _FIGURES.renderer("steps")(key=key, data=data, on_step_change=picked)


def settled_step(key: str, n_steps: int, step: int, control: Control = "free") -> int:
    """The step of `n_steps` that the visitor settled on in the figure `key`; `step` until then.

    While it is free, the visitor's own step wins over the page's, which may still be the one of the
    run before.
    """
    settled = (st.session_state.get(key) or {}).get("step")
    chosen = step if settled is None or control != "free" else int(settled)
    return min(max(chosen, 0), n_steps - 1)


def _heard() -> None:
    """Streamlit offers a state to Python only when something listens to it."""
