"""A page inside a frame of another site: its figure and the controls of it, and nothing else."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.language.i18n import _
from ui.visit import browser, state
from ui.visit.stop_page import stop_page

_FRAME: Final = "frame"


def embedded() -> bool:
    """Whether the address says `embed=true`."""
    return bool(st.context.is_embedded)


def end_of_figure() -> None:
    """Inside a frame a page ends here. Not for fragments."""
    if embedded():
        stop_page()


def draw_end() -> None:
    """A quiet link to the whole page; from here on the page around the frame is heard."""
    browser.frame(_FRAME, _("Open the whole page"), then=_asked)


def _asked() -> None:
    asked = st.session_state[_FRAME]["asked"]
    state.ask({key: text for key, text in dict(asked or {}).items() if isinstance(text, str)})
