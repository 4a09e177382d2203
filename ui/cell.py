"""One cell of the matrix, taken apart in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kvcore import Cell, TokenLabel
from ui.components.matrix import Cell as At
from ui.i18n import _
from ui.tokens import quoted


def draw_cell(cell: Cell, labels: Sequence[TokenLabel], at: At) -> None:
    """The arithmetic of the cell `at`, line by line, and the products behind its first number."""
    st.markdown(
        _("Query {query} ({row}) against key {key} ({column}):").format(
            query=quoted(labels[at.row]), row=at.row, key=quoted(labels[at.col]), column=at.col
        )
    )
    n = len(cell.q)
    lines = [
        (_("the {n} products, summed: :orange[q] · :blue[k]").format(n=n), f"{cell.dot:.4f}"),
        (_("divided by √{n}: the score").format(n=n), f"{cell.score:.4f}"),
        (_("may the query see the key?"), _("yes") if cell.visible else _("no: masked")),
        (
            _("exp(score − {top:.4f}), the row's largest score").format(top=cell.row_max),
            f"{cell.exp:.4f}",
        ),
        (
            _("divided by {total:.4f}, the row's sum: the weight").format(total=cell.exp_sum),
            f"{cell.weight:.4f}",
        ),
    ]
    stage, value = _("stage"), _("value")  # Babel finds no string inside an f-string
    table = [f"| {stage} | {value} |", "|:--|--:|"]
    table += [f"| {what} | {number} |" for what, number in lines]
    st.markdown("\n".join(table))
    with st.expander(_("All {n} products").format(n=n)):
        st.dataframe(
            pd.DataFrame({"q": cell.q, "k": cell.k, "q × k": cell.products}),
            height=240,
        )
