"""Tasks of the visitor's browser alone: hold the address, wait, talk to the page around a frame.

Only a link of it is to be seen. The figures are in kvfront/.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kvembed.languages import DEFAULT
from ui.views import address
from ui.visit.family import Family

_UNSEEN: Final = Family(
    "site",
    Path(__file__).parent / "frontend",
    {name: name for name in ("history", "tick", "frame")},
    styled=False,
)


def replace_address(params: Mapping[str, str], html_lang: str, place: str) -> None:
    """Show `params` in the address bar in place of what is there; other parameters stay.

    Streamlit's own `st.query_params` adds an entry to the browser's history at every write: with
    text that is read while it is typed, the back button would undo letters.
    """
    # Several of these can be on a page, one in each fragment, and the browser may run an old one
    # again: the clock tells it which is the newest.
    data = {
        "params": dict(params),
        "lang": html_lang,
        "visit": _visit(),
        "written": time.time_ns() // 1_000_000,
    }
    with st.container(key=f"unseen_address_{place}"):
        _UNSEEN.renderer("history")(key=f"address_{place}", data=data)


def language() -> str:
    """The language of ours that the browser asks for."""
    lang, _unknown = address.read_language(st.context.locale or "")
    return lang or DEFAULT


def _visit() -> str:
    """The name of this visit. After a lost connection the server may have forgotten it."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def went_back() -> bool:
    """Whether this run answers the browser's button for back or forward."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def frame(key: str, label: str, then: Callable[[], None]) -> None:
    """A link to the page outside of its frame, and an ear for the page around the frame.

    When that asks for another view, it is `asked` in the session's state of `key`, and `then` is
    called.
    """
    _UNSEEN.renderer("frame")(key=key, data={"label": label}, on_asked_change=then)


def run_again_after(seconds: float, place: str, then: Callable[[], None]) -> None:
    """Have the browser run this fragment again in a while, after `then`; drawn anew, it waits anew.

    Unlike `run_every`, this ends when the fragment does not ask for it again.
    """
    data = {"wait": round(1000 * seconds), "drawn": time.time_ns() // 1_000_000}
    with st.container(key=f"unseen_tick_{place}"):
        _UNSEEN.renderer("tick")(key=f"tick_{place}", data=data, on_tick_change=then)
