"""The numbers of a figure as a table, from the very block of bytes that the browser draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ui.figures.numbers import growth, matrix, race, sheet, shelf
from ui.figures.numbers.record import Arrays, Meta
from ui.figures.pack import unpack

_ROWS: Final[Mapping[str, Callable[[Meta, Arrays], Iterator[sheet.Row]]]] = {
    "matrix": matrix.rows,
    "shelf": shelf.rows,
    "growth": growth.rows,
    "race": race.rows,
}


def csv(kind: str, block: bytes) -> bytes:
    """The table behind a figure as a CSV file, its header first.

    The names of its columns are the same in every language, so that one program reads the files of
    all readers. ValueError for a kind of figure that has no table.
    """
    if kind not in _ROWS:
        raise ValueError(f"a figure of kind {kind!r} has no table: choose one of {list(_ROWS)}")
    return sheet.write(_ROWS[kind](*unpack(block)))
