"""kv.matrix of the last token's arrival: one layer and head, in one of the seven steps."""

from __future__ import annotations

import re
from typing import Final

from kvcore import LayerTrace, Step, Tokenizer
from ui.figures.control import Control
from ui.figures.matrix import Cell, Deleted, matrix_block, words
from ui.views.record import of_head

_CELL: Final = re.compile(r"(\d{1,3})\.(\d{1,3})")  # `view` in an address: row.column


def matrix(
    run: Step,
    attention: LayerTrace,
    tokenizer: Tokenizer,
    *,
    layer: int,
    head: int,
    stage: int,
    lost: int | None,
    cell: Cell,
    lang: str,
    control: Control = "free",
) -> bytes:
    """Pack one head of a layer with all its queries; `lost` is the token that loses its row."""
    return matrix_block(
        of_head(run, attention, tokenizer, layer=layer, head=head),
        layer=layer,
        head=head,
        stage=stage,
        deleted=None if lost is None else Deleted(q=True, k=lost, v=lost),
        text=words(lang, deleting=lost is not None),
        cell=cell,
        control=control,
    )


def cell_named(view: str) -> Cell | None:
    """The cell that a view such as 3.2 names, its row and column; None when it names none."""
    named = _CELL.fullmatch(view)
    return Cell(int(named[1]), int(named[2])) if named else None


def newest_cell(n_tokens: int) -> Cell:
    """The cell that is read at first: the newest token against itself."""
    return Cell(n_tokens - 1, n_tokens - 1)


def lost_named(view: str | None, n_old: int) -> int:
    """The old token that a view names, or the first choice where it names none, or a cell.

    ValueError for one that there is not.
    """
    if view is None or cell_named(view):  # a cell is what the steps before show
        return first_lost(n_old)
    if not view.isdecimal() or int(view) >= n_old:
        raise ValueError(f"view={view!r} is not an old token: give 0 to {n_old - 1}")
    return int(view)


def first_lost(n_old: int) -> int:
    """The old token that loses its row at first: the second."""
    return min(1, n_old - 1)
