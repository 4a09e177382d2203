"""Where a matrix of cells and its labels lie, as kvfront/shared/heat/layout.js has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ui.posters.canvas import FONT, is_wide
from ui.posters.labels import Token, measure

NARROWEST: Final = 3  # px of a cell
GAP: Final = 6  # between labels and what they name
MOST_ROW: Final = 112  # the longest label of a row, and of a column
MOST_COL: Final = 96


@dataclass(frozen=True, kw_only=True)
class Heat:
    """Where a square matrix of `n` tokens lies: its upper left corner, its cells, its labels."""

    tokens: Sequence[Token]
    left: float
    top: float
    cell: float
    mode: str  # how the labels of columns stand: flat, tilted or upright
    label_base: float  # their baseline
    row_end: float | None  # where the labels of rows end, if they have any

    @property
    def n(self) -> int:
        return len(self.tokens)

    @property
    def right(self) -> float:
        return self.left + self.n * self.cell

    @property
    def bottom(self) -> float:
        return self.top + self.n * self.cell

    def centre(self, i: int) -> float:
        """The middle of cell i, from the matrix's edge."""
        return (i + 0.5) * self.cell


def layout(
    tokens: Sequence[Token],
    available: float,
    *,
    x: float = 0,
    y: float = 0,
    reserve: tuple[float, float, float] = (0, 0, 0),
    rows: bool = True,
    most: float = 56,
) -> Heat:
    """Fit a matrix into `available` px; `reserve` is kept free at its left, top and right.

    `rows`: whether they are named at the left. Cells are at most `most` px wide.
    """
    free_left, free_top, free_right = reserve
    row = max(measure(token, FONT, MOST_ROW) for token in tokens) + GAP if rows else 0.0
    longest = max(measure(token, FONT, MOST_COL) for token in tokens)
    single = all(len(token["text"]) == 1 and is_wide(token["text"]) for token in tokens)

    def size(right: float) -> float:
        fits = (available - row - free_left - right) / len(tokens)
        return min(most, max(NARROWEST, math.floor(2 * fits) / 2))

    def mode(width: float) -> str:
        if longest <= width - 4 or (single and longest <= FONT + 1 and width >= FONT - 2):
            return "flat"
        return "tilted" if width >= 17 else "upright"

    right = max(free_right, 3)
    width = size(right)
    if mode(width) == "tilted":
        # The last labels lean out over the right edge.
        for i, token in enumerate(reversed(tokens[-6:])):
            reach = measure(token, FONT, MOST_COL) + FONT
            right = max(right, reach * math.sqrt(0.5) - (i + 0.5) * width)
        width = size(right)
    label = {
        "flat": FONT + GAP + 4.0,
        "tilted": longest * math.sqrt(0.5) + FONT * 0.8 + GAP,
        "upright": longest + GAP + 2,
    }[mode(width)]
    return Heat(
        tokens=tokens,
        left=x + math.ceil(row + free_left),
        top=y + math.ceil(label + max(free_top, 3)),
        cell=width,
        mode=mode(width),
        label_base=y + label - 6,
        row_end=x + row - GAP if rows else None,
    )
