"""The numbers of a figure as a table, from the very block of bytes that the browser draws."""

from __future__ import annotations

from ui.figures import sheet
from ui.figures.registry import FIGURES
from ui.record.record import read


def csv(kind: str, block: bytes) -> bytes:
    """The table behind a figure as a CSV file, its header first.

    The names of its columns are the same in every language, so that one program reads the files of
    all readers. ValueError for a kind of figure that has no table.
    """
    if kind not in FIGURES:
        raise ValueError(f"a figure of kind {kind!r} has no table: choose one of {list(FIGURES)}")
    return sheet.write(FIGURES[kind].rows(read(block)))
