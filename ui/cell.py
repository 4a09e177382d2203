"""One cell of the matrix, taken apart in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kvcore import Cell, TokenLabel
from ui import address, state, words
from ui.address import Notice
from ui.components.matrix import Cell as At
from ui.i18n import N_, language
from ui.tokens import quoted
from ui.views.matrix import cell_named, newest_cell


def asked_cell(n_tokens: int) -> At:
    """The cell that the address names as row.column; else the newest token against itself."""
    asked = state.current().view
    if asked is None or asked.isdecimal():  # the token of step 7 is no cell
        return newest_cell(n_tokens)
    cell = cell_named(asked)
    if cell is None or max(cell) >= n_tokens:
        text = N_("view={value} is not a cell such as 3.2, up to {last}.{last}: another is shown.")
        state.notice("view", Notice(text, {"value": address.shown(asked), "last": n_tokens - 1}))
        return newest_cell(n_tokens)
    return cell


def keep_cell(cell: At) -> None:
    """Put the chosen cell into the address."""
    if (view := f"{cell.row}.{cell.col}") != state.current().view:
        state.put("view", view)


def draw_cell(cell: Cell, labels: Sequence[TokenLabel], at: At) -> None:
    """The arithmetic of the cell `at`, line by line, and the products behind its first number."""
    said = words.cell(language())
    query, key = quoted(labels[at.row]), quoted(labels[at.col])
    st.markdown(said["title"].format(query=query, row=at.row, key=key, column=at.col))
    n, top, total = len(cell.q), f"{cell.row_max:.4f}", f"{cell.exp_sum:.4f}"
    lines = [
        (said["dot"].format(n=n), f"{cell.dot:.4f}"),
        (said["score"].format(n=n), f"{cell.score:.4f}"),
        (said["visible"], said["yes"] if cell.visible else said["no"]),
        (said["exp"].format(top=top), f"{cell.exp:.4f}"),
        (said["weight"].format(total=total), f"{cell.weight:.4f}"),
    ]
    table = [f"| {said['stage']} | {said['value']} |", "|:--|--:|"]
    table += [f"| {what} | {number} |" for what, number in lines]
    st.markdown("\n".join(table))
    with st.expander(said["products"].format(n=n)):
        st.dataframe(
            pd.DataFrame({"q": cell.q, "k": cell.k, "q × k": cell.products}),
            height=240,
        )
