"""The lines that ran: source of the installed kvcore, beside the picture it made."""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable
from typing import Any

import streamlit as st

from kvcore import Session
from kvcore.model.transformer import Attention
from kvcore.ops.attention import attend
from ui.language.i18n import _

ATTEND: Callable[..., Any] = attend
FORWARD: Callable[..., Any] = Attention.forward
UPDATE: Callable[..., Any] = Session.update


def lines_that_ran(*functions: Callable[..., Any], shapes: dict[str, tuple[int, ...]]) -> None:
    """Show the source of `functions` in an expander, and the shapes of this run, if any."""
    with st.expander(_("The lines that ran")):
        if shapes:
            sizes = (f"{name} {'×'.join(map(str, size))}" for name, size in shapes.items())
            st.caption(_("Shapes in this run: {shapes}").format(shapes=" · ".join(sizes)))
        for function in functions:
            st.html(_listing(function))


def _listing(function: Callable[..., Any]) -> str:
    """The source in plain HTML: `st.code` would bring a highlighter of half a megabyte."""
    name, lines = function.__qualname__, html.escape(inspect.getsource(function))
    return f'<pre class="site-lines" tabindex="0" role="group" aria-label="{name}">{lines}</pre>'
