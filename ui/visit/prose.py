"""A page's prose, with the facts of the model that runs filled in. Inside a frame it is silent."""

from __future__ import annotations

import html
import re
from typing import Final

import streamlit as st

from ui.language.facts import filled
from ui.language.i18n import prose
from ui.served import host
from ui.views.pages import BY_NAME
from ui.visit import state
from ui.visit.embedding import embedded

_HEADING: Final = re.compile(r"^###", re.MULTILINE)  # in the files ## names a section


def title(page: str) -> None:
    """Draw the title of a page. In a frame it is there for whoever does not see the frame."""
    text = BY_NAME[page].title[state.current().lang]
    if embedded():
        st.html(f'<h1 class="site-unseen">{html.escape(text)}</h1>')
    else:
        st.title(text)


def draw_prose(page: str, *sections: str) -> None:
    """Draw one section, or some that make one text.

    A model that is not loaded yet has no facts: only sections without slots may be told then.
    """
    if embedded():
        return
    text = "\n".join(prose(page, section) for section in sections)
    if "{" in text:
        text = filled(text, host.decoder(state.current().model).config)
    st.markdown(_HEADING.sub("##", text))
