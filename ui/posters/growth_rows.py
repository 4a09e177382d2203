"""K and V of one kv head as the live figure of /growth has them: a row a token, empty until fed."""

from __future__ import annotations

import math
from typing import Final

from ui.figures.record import Arrays, Meta
from ui.posters import cells, heat
from ui.posters.canvas import FONT, Canvas
from ui.posters.heat_layout import GAP, MOST_ROW
from ui.posters.labels import draw_token, measure
from ui.posters.legend import Legend
from ui.posters.panels import Pair
from ui.posters.strips import Rack, bold, draw_strips, full_of

HEIGHT: Final = 320  # of all rows, where they stay thick enough
THICK: Final = (3, 16)  # a row at least and at most
CELL: Final = 14  # the widest value


def paint_rows(canvas: Canvas, pair: Pair, meta: Meta, arrays: Arrays, y: float) -> float:
    """Draw both of them; return where their scales end."""
    titles = [meta["text"][letter].format(**meta) for letter in "kv"]
    top = pair.paint_titles(canvas, titles, y, ("k-ink", "v-ink")) + GAP
    for letter, left in zip("kv", pair.places, strict=True):
        bottom = _paint_letter(canvas, letter, meta, arrays[letter], (left, top, pair.half))
    legend = Legend(canvas, bottom + 18, pair.width)
    for letter in "kv":
        legend.scale(letter.upper(), letter, full_of(arrays[letter]), diverging=True)
    return legend.bottom


def _paint_letter(
    canvas: Canvas,
    letter: str,
    meta: Meta,
    values: cells.Floats,
    place: tuple[float, float, float],
) -> float:
    """The rows of values (S, D) at `place`: left, top and width; return where they end."""
    left, top, width = place
    tokens, step = meta["tokens"], meta["steps"][meta["step"]]
    start, end = step["start"], step["start"] + step["fed"]
    n, dim = values.shape
    thick = min(THICK[1], max(THICK[0], math.floor(HEIGHT / n)))
    names = max(measure(token, FONT, MOST_ROW) for token in tokens) + GAP
    rack = Rack(
        at=[top + (i + 0.5) * thick for i in range(n)],
        start=left + names,
        length=min(CELL * dim, width - names - 2),
        thick=thick,
        upright=False,
    )
    steps = cells.diverging(values, full_of(values), canvas.shades)
    canvas.rect(*rack.box(0, n - 1), canvas.stroke("grid"), fill="none")
    draw_strips(canvas, steps[:end], letter, rack.part(0, end))
    bold(canvas, rack, start, end - 1)
    for i in heat.named(n, thick):
        at = rack.start - GAP
        draw_token(canvas, tokens[i], at, rack.at[i], FONT, align=1, most=MOST_ROW - GAP)
    return top + n * thick
