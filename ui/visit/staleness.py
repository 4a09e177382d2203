"""The case the article leaves out: without the mask, a new token makes every stored row stale."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kvcore import TokenLabel
from ui.language.i18n import _
from ui.language.units import gap
from ui.served.runs import NewToken
from ui.views.change import LETTERS, change
from ui.visit import state
from ui.visit.drawing import draw_change


def draw(new: NewToken, labels: Sequence[TokenLabel]) -> None:
    """Maps of the old tokens' rows: under the mask, and without one."""
    high, lang = new.unmasked.most, state.current().lang
    for column, name, title, moved in zip(
        st.columns(2),
        ("masked", "unmasked"),
        (_("With the mask"), _("Without the mask")),
        (new.masked, new.unmasked),
        strict=True,
    ):
        with column:
            st.markdown(f"### {title}")
            st.caption(_("Largest relative change of a row: {gap}").format(gap=gap(moved.most)))
            for letter in LETTERS:
                block = change(labels, moved, letter, high=high, lang=lang)
                draw_change(block, key=f"stale_{name}_{letter}")
