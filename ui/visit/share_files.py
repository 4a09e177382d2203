"""Files that a visitor takes away: made from what the page shows, and not computed once more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from kvembed.contract import MAX_PROMPT_TOKENS
from kvembed.languages import DEFAULT
from kvembed.view import View
from ui.figures import numbers
from ui.language.i18n import _
from ui.served import host
from ui.served.later import LaterError
from ui.snapshot.make import snapshot_of
from ui.still import pictures
from ui.still.caption import caption
from ui.views.filenames import file_name
from ui.views.resolved import ResolvedView
from ui.visit.current_figure import Figure
from ui.visit.drawing import draw_picture


class File(NamedTuple):
    """A file on offer: what its button says, its ending and type, and what makes it when asked."""

    label: str
    ending: str
    mime: str
    make: Callable[[], bytes]


def files(figure: Figure, svg: Callable[[], str], html: Callable[[], str]) -> tuple[File, ...]:
    """The files of a figure, in the visitor's language; `svg` draws and `html` records it."""
    kind, block = figure
    return (
        File(_("Picture (SVG)"), "svg", "image/svg+xml", lambda: svg().encode()),
        File(_("Numbers (CSV)"), "csv", "text/csv", lambda: numbers.csv(kind, block)),
        File(_("Recording (HTML)"), "html", "text/html", lambda: html().encode()),
    )


def draw(view: View, figure: Figure | None, server: str) -> None:
    """Draw a button for each file; a page that shows no figure yet says so."""
    if figure is None:
        st.caption(_("The page shows no figure yet. As soon as it does, you can save it here."))
        return
    svg = partial(_svg, view, figure)
    html = partial(recorded, view, figure, server)
    words = {
        "save": _("Picture (PNG)"),
        "failed": _("This browser could not make the picture. The SVG has the same one."),
    }
    with st.container(horizontal=True):
        try:
            draw_picture(file_name(view, "png"), words, svg, key="share_png")
        except LaterError:
            st.caption(_("The picture could not be made. Try again in a moment."))
        for file in files(figure, svg, html):
            st.download_button(
                file.label,
                file.make,
                file_name(view, file.ending),
                file.mime,
                key=f"share_{file.ending}",
                on_click="ignore",
            )
    st.caption(_("They hold what you see now: the numbers and the times of this very run."))


def _svg(view: View, figure: Figure) -> str:
    """The picture of what is shown. It is drawn in a thread that knows of no visitor."""
    return pictures.picture(*figure, caption(view, _shown(view), *figure))


def recorded(view: View, figure: Figure, server: str) -> str:
    """The recording of what is shown, one file, made in such a thread too."""
    return snapshot_of(view, _shown(view), figure, server)


def _shown(view: View) -> ResolvedView:
    decoder = host.decoder(view.model)
    return ResolvedView(
        page=view.page,
        decoder=decoder,
        lang=view.lang or DEFAULT,
        ids=tuple(decoder.tokenizer.encode(view.prompt))[:MAX_PROMPT_TOKENS],
        layer=view.layer or 0,
        head=view.head or 0,
        step=view.step,
        view=view.view,
    )
