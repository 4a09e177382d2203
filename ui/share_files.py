"""What a visitor takes away as files: made from what the page shows, and not computed once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from kvembed.view import View
from ui import numbers
from ui.components.shown import Figure
from ui.filenames import file_name
from ui.i18n import _


class File(NamedTuple):
    """A file on offer: what its button says, its name and type, and what makes it when asked."""

    label: str
    name: str
    mime: str
    make: Callable[[], bytes]


def files(view: View, figure: Figure) -> tuple[File, ...]:
    """The files of a figure, in the visitor's language."""
    return (
        File(
            _("Numbers (CSV)"),
            file_name(view, "csv"),
            "text/csv",
            lambda: numbers.csv(figure.kind, figure.block),
        ),
    )


def draw(view: View, figure: Figure | None) -> None:
    """Draw a button for each file; a page that shows no figure yet says so."""
    if figure is None:
        st.caption(_("The page shows no figure yet. As soon as it does, you can save it here."))
        return
    with st.container(horizontal=True):
        for file in files(view, figure):
            st.download_button(
                file.label,
                file.make,
                file.name,
                file.mime,
                key=f"share_{file.name.rpartition('.')[2]}",
                on_click="ignore",
            )
    st.caption(_("They hold what you see now: the numbers and the times of this very run."))
