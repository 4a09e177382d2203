"""A table as a CSV file (RFC 4180) that spreadsheets and programs read alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np

Value: TypeAlias = str | int | float | np.floating | None
Row: TypeAlias = Sequence[Value]

_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# What a spreadsheet runs instead of showing it, in the width of Latin and of Chinese type.
_FORMULA: Final = tuple("=+-@＝＋－＠")


def write(rows: Iterable[Row]) -> bytes:
    """The rows, the header first, in UTF-8.

    Numbers have as many digits as bring back the very same one, None is an empty field, and a text
    that a spreadsheet would run as a formula gets an apostrophe before it. Excel takes a file for
    the code page of its country unless a byte order mark says UTF-8; other programs may take the
    mark for a part of the first name: a table of ASCII alone has none.
    """
    out = io.StringIO()
    csv.writer(out).writerows([_field(value) for value in row] for row in rows)
    text = out.getvalue()
    return (text if text.isascii() else _BOM + text).encode()


def _field(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.lstrip().startswith(_FORMULA) else value
    return str(value)
