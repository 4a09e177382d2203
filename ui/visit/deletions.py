"""Step 7 of the argument: delete rows, run the last token again, and show what moved."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kvcore import Decoder, TokenLabel
from ui.language.i18n import N_, _
from ui.served import runs
from ui.views import address
from ui.views.address import Notice
from ui.views.deletions import WHAT_MOVED, deletions
from ui.views.matrix import cell_named, first_lost
from ui.views.tokens import numbered
from ui.visit import controls, notices, state


def token_picker(labels: Sequence[TokenLabel]) -> int:
    """Which old token loses its row of K, then of V. The address carries it as `view`."""
    n_old = len(labels) - 1
    pos = min(_asked(n_old), n_old - 1)
    notices.draw("view")
    label, old = _("The token that loses a row"), numbered(labels[:-1])
    if state.locked("view"):
        controls.fixed(label, old[pos])
        return pos
    chosen: int = st.selectbox(
        label,
        range(n_old),
        index=0 if state.seed_all("view", {"lost": pos}) else pos,
        key="lost",
        format_func=old.__getitem__,
    )
    if str(chosen) != state.current().view:
        state.put("view", str(chosen))
    return chosen


def _asked(n_old: int) -> int:
    """The position that the address names; else the one that loses its row at first."""
    asked = state.current().view
    if asked is not None and asked.isdecimal():
        return int(asked)
    if asked is not None and not cell_named(asked):  # a cell is what the steps before show
        text = N_("view={value} is not an old token, from 0 to {last}: another is shown.")
        notices.note("view", Notice(text, {"value": address.shown(asked), "last": n_old - 1}))
    return first_lost(n_old)


def draw(decoder: Decoder, ids: runs.Ids, pos: int) -> None:
    """The three deletions as a table: all old q, one k row, one v row."""
    results = deletions(decoder, ids, pos, state.current().lang)
    head = (_("deleted"), _(WHAT_MOVED), _("next token"))
    lines = [f"| {' | '.join(head)} |", "|:--|--:|:--|"]
    lines += [f"| {each.title} | **{each.gap}** | {each.tokens} |" for each in results]
    st.markdown("\n".join(lines))
