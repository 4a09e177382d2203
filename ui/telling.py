"""Show a section of a page's prose, with the facts of the model that runs filled in."""

from __future__ import annotations

import streamlit as st

from ui import host, state
from ui.facts import filled
from ui.i18n import prose


def tell(page: str, section: str) -> None:
    """Draw one section.

    A model that is not loaded yet has no facts: only sections without slots may be told then.
    """
    text = prose(page, section)
    if "{" in text:
        text = filled(text, host.decoder(state.current().model).config)
    st.markdown(text)
