"""What the article leaves out: without the mask, a new token makes every stored row stale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from kvcore import TokenLabel
from ui import words
from ui.components.change import change_map
from ui.i18n import _
from ui.runs import NewToken
from ui.units import gap

_LETTERS: tuple[Literal["k", "v"], ...] = ("k", "v")


def draw(new: NewToken, labels: Sequence[TokenLabel]) -> None:
    """Maps of the old tokens' rows: under the mask, and without one."""
    high = new.unmasked.most
    for column, name, title, change in zip(
        st.columns(2),
        ("masked", "unmasked"),
        (_("With the mask"), _("Without the mask")),
        (new.masked, new.unmasked),
        strict=True,
    ):
        with column:
            st.markdown(f"**{title}**")
            st.caption(_("Largest relative change of a row: {gap}").format(gap=gap(change.most)))
            for letter in _LETTERS:
                change_map(
                    key=f"stale_{name}_{letter}",
                    tokens=labels,
                    change=getattr(change, letter),
                    letter=letter,
                    high=high,
                    text=words.change(letter),
                )
