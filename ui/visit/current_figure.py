"""The figure of the running page: the block of bytes that the browser was sent.

What a visitor shares is made from it, and not computed once more: a measured time, or a text typed
letter by letter, would come out otherwise.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import streamlit as st

_KEY: Final = "site_figure"


class Figure(NamedTuple):
    """A figure of a page: matrix, cache_view, growth or race, and its packed block."""

    kind: str
    block: bytes


def keep(kind: str, block: bytes) -> None:
    """The page shows this figure."""
    st.session_state[_KEY] = Figure(kind, block)


def forget() -> None:
    """A page begins: it shows no figure yet."""
    st.session_state.pop(_KEY, None)


def figure() -> Figure | None:
    """The figure that the page shows; None when it has drawn none."""
    found: Figure | None = st.session_state.get(_KEY)
    return found
