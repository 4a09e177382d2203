"""Share what a page shows: a link, a line for an author's own page, and files."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from kvembed.html import describe
from kvembed.placement import Placement
from kvembed.prepare import preparation
from kvembed.snippet import HOSTS, snippet
from kvembed.view import View
from ui.language.i18n import N_, _
from ui.views import address
from ui.views.pages import BY_NAME, BY_PATH
from ui.visit import current_figure, share_files, state

_NAMES: Final = {
    "prompt": N_("Prompt"),
    "model": N_("Model"),
    "layer": N_("Layer"),
    "head": N_("Head"),
    "step": N_("Step"),
    "view": N_("View"),
    "lang": N_("Language"),
}
_ASKED: Final = "share"


def button() -> None:
    """The button that opens the dialog."""
    st.button(_("Share"), key=_ASKED, type="tertiary")


def open_if_asked(path: str) -> None:
    """Open the dialog if the visitor just asked for it. Call it when the page `path` has run."""
    if not st.session_state.get(_ASKED):
        return
    page = BY_PATH[path].name
    texts = address.write(state.current())
    names = (*BY_NAME[page].parts, "lock")
    view = View.read(page, {name: texts[name] for name in names if name in texts})
    st.dialog(_("Share this view"), width="medium")(_draw)(
        view, current_figure.figure(), _server(path)
    )


def _server(path: str) -> str:
    """The address of this site, as the visitor's browser knows it."""
    url = urlsplit(st.context.url or "")
    folder = url.path.rstrip("/").removesuffix(f"/{path}").rstrip("/")
    return f"{url.scheme}://{url.netloc}{folder}"


def _draw(view: View, figure: current_figure.Figure | None, server: str) -> None:
    if not view.prompt:
        st.info(_("The prompt is empty, so there is nothing to share yet."))
        return
    _heading(_("A link to exactly this view"))
    st.code(view.url(server), language=None, wrap_lines=True)
    _heading(_("In your own page"))
    parts = st.multiselect(
        _("What readers cannot change"),
        BY_NAME[view.page].parts,
        default=[part for part in BY_NAME[view.page].parts if state.locked(part)],
        format_func=lambda part: _(_NAMES[part]),
        key="share_lock",
        placeholder=_("Nothing: they can change it all"),
    )
    host = st.segmented_control(
        _("Your page is made with"),
        HOSTS,
        default="element",
        format_func=lambda name: HOSTS[name],
        key="share_host",
        required=True,
    )
    placed = replace(view, lock=tuple(parts))
    st.code(snippet(placed, host, server), language=None, wrap_lines=True)
    if needed := preparation(host, server):
        st.caption(_("Once for the whole site, before that:"))
        st.code(needed, language=None, wrap_lines=True)
    readers = st.expander(_("What readers see first"), key="share_poster", on_change="rerun")
    if readers.open:
        poster = placed.resource(server, "poster.svg")
        alt = html.escape(describe(placed, Placement()))
        readers.html(f'<img src="{html.escape(poster)}" alt="{alt}" width="100%">')
    _heading(_("Files"))
    share_files.draw(placed, figure, server)


def _heading(text: str) -> None:
    st.markdown(f"**{text}**")
