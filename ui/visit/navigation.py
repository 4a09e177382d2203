"""The quiet row at the top of every page, which leads to the others."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from kvembed.languages import LANGUAGES
from ui.language.i18n import ROOT, _
from ui.views.pages import BY_PATH, PAGES, SITE, Page
from ui.visit import state

_LOGO: Final = '<img src="/assets/logo.svg" width="36" height="36" alt="">'


def register() -> tuple[dict[str, StreamlitPage], StreamlitPage]:
    """Register every page by its absolute path; return them by file, and the one that runs."""
    lang = state.current().lang
    pages = {
        page.file: st.Page(
            ROOT / "pages" / page.file,
            title=page.title[lang],
            url_path=page.path or None,
            default=not page.path,
        )
        for page in PAGES
    }
    return pages, st.navigation(list(pages.values()), position="hidden")


def title(running: StreamlitPage) -> str:
    """The title of the page that runs, in the visitor's language."""
    return BY_PATH[running.url_path].title[state.current().lang]


def draw(pages: dict[str, StreamlitPage], running: StreamlitPage) -> DeltaGenerator:
    """Draw the wordmark, the language switch and a link to each page that keeps the state.

    Returns the row of links, for what else stands at its end.
    """
    params = state.query()
    state.remember_link(params)
    with st.container(key="site_top", horizontal=True, vertical_alignment="center"):
        st.html(_LOGO, width="content")
        st.page_link(pages["home.py"], label=f"**{_(SITE)}**", query_params=params)
        st.space("stretch")
        if not state.locked("lang"):
            _language_switch()
    links = st.container(key="site_links", horizontal=True)
    with links:
        with st.container(key="site_nav", horizontal=True, width="content"):
            for page in PAGES:
                here = page.path == running.url_path
                with st.container(key="site_here", width="content") if here else nullcontext():
                    st.page_link(pages[page.file], label=_(page.row), query_params=params)
        st.space("stretch")
    return links


def door(page: Page) -> None:
    """A link to another page with the state of this visit, under its title."""
    title = page.title[state.current().lang]
    st.page_link(ROOT / "pages" / page.file, label=f"**{title}**", query_params=state.query())


def _language_switch() -> None:
    lang = state.current().lang
    st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        default=None if state.seed("lang", lang) else lang,
        format_func=lambda lang: LANGUAGES[lang].name,
        key="lang",
        required=True,
        label_visibility="collapsed",
        on_change=state.changed("lang"),
        width="content",
    )
