"""One cell of the matrix, taken apart in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from kvcore import Cell, TokenLabel
from ui.figures.matrix import Cell as At
from ui.figures.matrix import cell_words
from ui.language.i18n import N_, language
from ui.language.units import fixed, significant
from ui.views import address
from ui.views.address import Notice
from ui.views.matrix import cell_named, newest_cell
from ui.views.tokens import quoted
from ui.visit import notices, state

# Each line follows from what is shown above it, to 1 in its last digit: so the products have two
# digits more than their sum, their factors two more again, and the weight one less than its exp.
DIGITS: Final = 4


def asked_cell(n_tokens: int) -> At:
    """The cell that the address names as row.column; else the newest token against itself."""
    asked = state.current().view
    if asked is None or asked.isdecimal():  # the token of step 7 is no cell
        return newest_cell(n_tokens)
    cell = cell_named(asked)
    if cell is None or max(cell) >= n_tokens:
        text = N_("view={value} is not a cell such as 3.2, up to {last}.{last}: another is shown.")
        notices.note("view", Notice(text, {"value": address.shown(asked), "last": n_tokens - 1}))
        return newest_cell(n_tokens)
    return cell


def keep_cell(cell: At) -> None:
    """Put the chosen cell into the address."""
    if (view := f"{cell.row}.{cell.col}") != state.current().view:
        state.put("view", view)


def stages(cell: Cell, said: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each stage of the arithmetic, in the words `said`, and its number."""
    n, masked, top = len(cell.q), fixed(cell.masked_score, DIGITS), fixed(cell.row_max, DIGITS)
    lowered = f"({top})" if cell.row_max < 0 else top  # a minus after a minus
    total = fixed(cell.exp_sum, DIGITS)
    return [
        (said["dot"].format(n=n), fixed(cell.dot, DIGITS)),
        (said["score"].format(n=n), fixed(cell.score, DIGITS)),
        (said["visible"], said["yes"] if cell.visible else said["no"]),
        (said["masked"], masked),
        (said["exp"].format(score=masked, top=lowered), significant(cell.exp, DIGITS)),
        (said["weight"].format(total=total), significant(cell.weight, DIGITS - 1)),
    ]


def draw_cell(cell: Cell, labels: Sequence[TokenLabel], at: At) -> None:
    """The arithmetic of the cell `at`, line by line, and the products behind its first number."""
    said = cell_words(language())
    query, key = quoted(labels[at.row]), quoted(labels[at.col])
    st.markdown(said["title"].format(query=query, row=at.row, key=key, column=at.col))
    table = [f"| {said['stage']} | {said['value']} |", "|:--|--:|"]
    table += [f"| {what} | {number} |" for what, number in stages(cell, said)]
    st.markdown("\n".join(table))
    with st.expander(said["products"].format(n=len(cell.q))):
        st.markdown("\n".join(products(cell, said["number"])))


def products(cell: Cell, number: str) -> list[str]:
    """The factors and products of every `number` of q and k, as the lines of a table."""
    lines = [f"| {number} | :orange[q] | :blue[k] | q × k |", "|--:|--:|--:|--:|"]
    numbers = zip(cell.q, cell.k, cell.products, strict=True)
    for dim, (q, k, product) in enumerate(numbers):
        factors = f"{fixed(q, DIGITS + 4)} | {fixed(k, DIGITS + 4)}"
        lines.append(f"| {dim} | {factors} | {fixed(product, DIGITS + 2)} |")
    return lines
