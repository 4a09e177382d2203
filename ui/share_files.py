"""What a visitor takes away as files: made from what the page shows, and not computed once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from kvembed.view import View
from ui import controls, host, numbers, posters, state
from ui.components.drawing import draw_picture
from ui.components.picture import picture_block
from ui.components.shown import Figure
from ui.filenames import file_name
from ui.i18n import _
from ui.posters.caption import caption
from ui.views.asked import Asked


class File(NamedTuple):
    """A file on offer: what its button says, its ending and type, and what makes it when asked."""

    label: str
    ending: str
    mime: str
    make: Callable[[], bytes]


def files(figure: Figure, svg: str) -> tuple[File, ...]:
    """The files of a figure, in the visitor's language."""
    kind, block = figure
    return (
        File(_("Picture (SVG)"), "svg", "image/svg+xml", svg.encode),
        File(_("Numbers (CSV)"), "csv", "text/csv", lambda: numbers.csv(kind, block)),
    )


def draw(view: View, figure: Figure | None) -> None:
    """Draw a button for each file; a page that shows no figure yet says so."""
    if figure is None:
        st.caption(_("The page shows no figure yet. As soon as it does, you can save it here."))
        return
    svg = _svg(view, figure)
    words = {
        "save": _("Picture (PNG)"),
        "failed": _("This browser could not make the picture. The SVG has the same one."),
    }
    with st.container(horizontal=True):
        draw_picture(picture_block(svg, file_name(view, "png"), words), key="share_png")
        for file in files(figure, svg):
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
    decoder = host.decoder(view.model)
    of = Asked(
        decoder=decoder,
        lang=state.current().lang,
        ids=controls.first_ids(decoder),
        layer=view.layer or 0,
        head=view.head or 0,
        step=view.step,
        view=view.view,
    )
    return posters.poster(*figure, caption(view, of, *figure))
