"""The whole cache at a glance, as kvfront/figures/growth/minimap.js has it: a line a layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from ui.figures.record import Meta
from ui.posters.canvas import Canvas, number, width_of

NAME: Final = 11  # the size of a layer's name
BETWEEN: Final = 14  # K and V
TOP: Final = 18  # the letters K and V


def paint_map(canvas: Canvas, meta: Meta, left: float, top: float, width: float) -> float:
    """K beside V, held positions filled, those of this step outlined; return where it ends."""
    step, n_tokens, layer = meta["steps"][meta["step"]], len(meta["tokens"]), meta["layer"]
    start, end = step["start"], step["start"] + step["fed"]
    line = max(5, min(16, 200 // meta["n_layers"]))
    tops = [top + TOP + i * line for i in range(meta["n_layers"])]
    x = left + _paint_names(canvas, meta, left, [y + (line - 1) / 2 for y in tops])
    cell = min(14, math.floor((left + width - x - BETWEEN - 4) / n_tokens) / 2)
    gap = 1 if cell >= 5 else 0
    bar: dict[str, Any] = {"fill": "none", "stroke_width": line - 1}
    # A dash is a position: every line begins with a whole one.
    held = {**bar, "stroke_dasharray": f"{number(cell - gap)} {gap}" if gap else ""}
    for letter in "kv":
        ink = f"{letter}-ink"
        canvas.text(x, top + 12, letter.upper(), 14, ink, font_style="italic", font_weight=600)
        others = [y for i, y in enumerate(tops) if i != layer]
        canvas.path(_lines(tops, x, n_tokens * cell, line), canvas.stroke("grid"), **bar)
        filled = end * cell - gap
        stroke = canvas.stroke(letter)
        canvas.path(_lines(others, x, filled, line), stroke, opacity=0.55, **held)
        canvas.path(_lines([tops[layer]], x, filled, line), stroke, **held)
        canvas.rect(
            x + start * cell - 1,
            tops[0] - 1,
            (end - start) * cell - gap + 2,
            len(tops) * line + 1,
            canvas.stroke("fg"),
            fill="none",
            stroke_width=2,
        )
        x += n_tokens * cell + BETWEEN
    return tops[-1] + line


def _paint_names(canvas: Canvas, meta: Meta, left: float, middles: Sequence[float]) -> float:
    """The names of the chosen, the first and the last layer; return the room that they take."""
    chosen, last = meta["layer"], meta["n_layers"] - 1
    names = {i: meta["text"]["layer"].format(layer=i) for i in (0, last, chosen)}
    margin = math.ceil(max(width_of(name, NAME) for name in names.values())) + 14
    for i, name in names.items():
        # The chosen layer's name comes first; the ends make room for it.
        if i == chosen or abs(middles[i] - middles[chosen]) >= NAME + 1:
            colour = "fg" if i == chosen else "muted"
            at = left + margin - 10
            canvas.text(at, middles[i] + 4, name, NAME, colour, text_anchor="end")
    tip = f"M{number(left + margin - 7)} {number(middles[chosen] - 4)}l5 4l-5 4z"
    canvas.path(tip, canvas.fill("fg"))
    return margin


def _lines(tops: Sequence[float], x: float, length: float, line: float) -> str:
    """Level lines, each in the middle of its layer."""
    return "".join(f"M{number(x)} {number(top + (line - 1) / 2)}h{number(length)}" for top in tops)
