"""Step 7 of the argument: delete rows, run the last token again, and show what moved."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kvcore import Deletion, TokenLabel
from ui import runs, state
from ui.host import decoder
from ui.i18n import _
from ui.tokens import name, quoted
from ui.units import gap


def token_picker(labels: Sequence[TokenLabel]) -> int:
    """Which old token loses its row of K, then of V. The address carries it as `view`."""
    options = [str(pos) for pos in range(len(labels) - 1)]
    shown = state.view(options, default=options[min(1, len(options) - 1)])
    state.seed("view", shown)
    st.selectbox(
        _("The token that loses a row"),
        options,
        index=options.index(shown),
        key="view",
        format_func=lambda pos: f"{name(labels[int(pos)])} ({pos})",
        on_change=state.changed("view"),
    )
    return int(state.current().view or 0)


def draw(model: str, ids: runs.Ids, pos: int) -> None:
    """The three deletions side by side: all old q, one k row, one v row."""
    token = quoted(decoder(model).tokenizer.labels(ids)[pos])
    columns = st.columns(3)
    for column, rows, title in zip(
        columns,
        ("q", "k", "v"),
        (
            _(":orange[q] of every old token"),
            _(":blue[k] of {token}").format(token=token),
            _(":green[v] of {token}").format(token=token),
        ),
        strict=True,
    ):
        with column:
            _draw_one(model, runs.deletion(model, ids, rows, None if rows == "q" else pos), title)


def _draw_one(model: str, deletion: Deletion, title: str) -> None:
    labels = decoder(model).tokenizer.labels
    before, after = (
        quoted(labels([int(logits.argmax())])[0]) for logits in (deletion.before, deletion.after)
    )
    st.metric(
        title,
        gap(deletion.gap),
        help=_("Largest change of any logit of the next token."),
    )
    st.caption(
        _("{n} vectors deleted. Next token before: {before}, after: {after}").format(
            n=deletion.n_vectors, before=before, after=after
        )
    )
