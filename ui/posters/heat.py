"""A matrix of cells with token labels at its edges, painted as the site paints it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ui.posters import cells
from ui.posters.canvas import FONT, Canvas, number
from ui.posters.heat_layout import MOST_COL, MOST_ROW, Heat
from ui.posters.labels import draw_token

Strength = Callable[[int], float]


def paint_cells(
    canvas: Canvas,
    heat: Heat,
    steps: cells.Steps,
    hue: str,
    strength: float = 1,
) -> None:
    """The cells of steps (n, n); a gap stays paper."""
    if strength < 1:
        canvas.begin(opacity=strength)
    cells.draw(
        canvas,
        steps,
        hue,
        at=range(heat.n),
        origin=(heat.left, heat.top + heat.cell / 2),
        scale=(heat.cell, heat.cell),
        thick=1,
    )
    if strength < 1:
        canvas.end()


def paint_grid(canvas: Canvas, heat: Heat) -> None:
    """Thin lines between cells: they keep a value of 0 visible as a cell."""
    side = heat.n * heat.cell
    inner = range(1, heat.n) if heat.cell >= 7 else range(0)
    d = "".join(f"M{number(i * heat.cell)} 0v{number(side)}" for i in inner)
    d += "".join(f"M0 {number(i * heat.cell)}h{number(side)}" for i in inner)
    canvas.path(
        f"{d}M0 0h{number(side)}v{number(side)}h-{number(side)}z",
        canvas.stroke("grid"),
        fill="none",
        transform=f"translate({number(heat.left)} {number(heat.top)})",
    )


def paint_hatch(canvas: Canvas, heat: Heat, masked: NDArray[np.bool_], alpha: float = 1) -> None:
    """The hatch over cells that may not be looked at."""
    d = cells.masked_path(masked, heat.left, heat.top, heat.cell, heat.cell)
    canvas.path(d, "hatch", **({"opacity": alpha} if alpha < 1 else {}))


def full(_: int) -> float:
    """Every row, or every column, at full strength."""
    return 1


def named(n: int, cell: float) -> list[int]:
    """Which of `n` lines have their label, so that none touch: every so many, and the last."""
    every = max(1, math.ceil((FONT + 1) / cell))
    return [i for i in range(0, n - 1, every) if n - 1 - i >= every] + [n - 1]


def paint_labels(canvas: Canvas, heat: Heat, row: Strength = full, col: Strength = full) -> None:
    """The tokens at the left and on top, each as strong as its row and column."""
    shown = set(named(heat.n, heat.cell))
    for i, token in enumerate(heat.tokens):
        if i in shown and heat.row_end is not None:
            with faded(canvas, row(i)):
                y = heat.top + heat.centre(i)
                draw_token(canvas, token, heat.row_end, y, FONT, align=1, most=MOST_ROW - 6)
        if i in shown or heat.mode != "upright":
            with faded(canvas, col(i)):
                _paint_column_label(canvas, heat, i)


def _paint_column_label(canvas: Canvas, heat: Heat, i: int) -> None:
    """Flat, tilted or upright as the layout chose, all of them alike."""
    flat = heat.mode == "flat"
    # A narrow first column: its upright label would reach over the rows' labels.
    least = FONT / 2 if heat.mode == "upright" else 0
    draw_token(
        canvas,
        heat.tokens[i],
        heat.left + max(heat.centre(i), least),
        heat.label_base - (FONT / 2 if flat else 0),
        min(FONT, heat.cell) if flat else FONT,
        align=0.5 if flat else 0,
        angle={"flat": 0, "tilted": -45, "upright": -90}[heat.mode],
        most=MOST_COL,
    )


@contextmanager
def faded(canvas: Canvas, strength: float) -> Iterator[None]:
    """What is drawn inside is that strong."""
    if strength < 1:
        canvas.begin(opacity=strength)
    yield
    if strength < 1:
        canvas.end()


def paint_outline(
    canvas: Canvas,
    heat: Heat,
    place: tuple[int, int, int, int],
    colour: str = "fg",
    dash: str = "",
) -> None:
    """A bold outline around `place`: row, column, rows, columns."""
    row, col, rows, cols = place
    canvas.rect(
        heat.left + col * heat.cell - 1,
        heat.top + row * heat.cell - 1,
        cols * heat.cell + 2,
        rows * heat.cell + 2,
        canvas.stroke(colour),
        fill="none",
        stroke_width=2,
        stroke_dasharray=dash,
    )


def paint_chosen(canvas: Canvas, heat: Heat, row: int, col: int) -> None:
    """The cell that is spoken of: a ring that stands out on any colour."""
    x, y = heat.left + col * heat.cell, heat.top + row * heat.cell
    for width, colour in ((4, "paper"), (2, "fg")):
        stroke = canvas.stroke(colour)
        canvas.rect(x, y, heat.cell, heat.cell, stroke, fill="none", stroke_width=width)


def paint_numbers(
    canvas: Canvas, heat: Heat, values: cells.Floats, steps: cells.Steps, hue: str
) -> None:
    """Values in cells that are large enough to hold them; none in a gap."""
    if heat.cell < 38:
        return
    for i, j in np.argwhere(steps != cells.GAP).tolist():
        canvas.text(
            heat.left + heat.centre(j),
            heat.top + heat.centre(i) + 4.2,
            brief(float(values[i, j])),
            12,
            f"on-{cells.colour(hue, int(steps[i, j]))}",
            text_anchor="middle",
        )


def brief(value: float) -> str:
    """A value in the width of a cell: two decimals, and what rounds to nothing says so."""
    size = abs(value)
    if value and size < 0.005:
        return "≈0"
    text = f"{size:.0f}" if size >= 100 else f"{size:.1f}" if size >= 10 else f"{size:.2f}"
    return f"−{text}" if value < 0 else text
