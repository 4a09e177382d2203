"""Notices of what was wrong with something that a visit asked for, said where it is chosen."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

import streamlit as st

from ui.language.i18n import _
from ui.views.address import Notice

_NOTICES: Final = "site_notices"
_DRAWN: Final = "site_drawn"


def begin() -> None:
    """Start a run, in which nothing is drawn yet; what was noted before stays noted."""
    st.session_state.setdefault(_NOTICES, {})
    st.session_state[_DRAWN] = set()


def note(key: str, text: Notice | None) -> None:
    """Say what was wrong with a key's value, or that nothing is any more."""
    forget(key)
    if text is not None:
        st.session_state[_NOTICES][key] = text


def forget(key: str) -> None:
    """Drop the notice about a key: it is past."""
    st.session_state[_NOTICES].pop(key, None)


def draw(*keys: str) -> None:
    """Show the sentences about these keys, or with none those that nothing has shown yet."""
    drawn: set[str] = st.session_state[_DRAWN]
    notices: dict[str, Notice] = st.session_state[_NOTICES]
    with st.container() if keys else nullcontext():  # or what follows would be mounted anew
        for key in keys or [key for key in notices if key not in drawn]:
            drawn.add(key)
            if found := notices.get(key):
                st.warning(found.said(_))
