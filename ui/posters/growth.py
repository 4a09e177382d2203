"""The picture of /growth: what one step computes without a cache, beside its one row with it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ui.figures.record import Arrays, Meta
from ui.language.units import size
from ui.posters import cells, heat
from ui.posters.canvas import Canvas, width_of
from ui.posters.frame import Figure, wrapped
from ui.posters.growth_map import paint_map
from ui.posters.growth_rows import paint_rows
from ui.posters.heat_layout import Heat, layout
from ui.posters.labels import name
from ui.posters.legend import Legend
from ui.posters.next_bars import paint_bars
from ui.posters.panels import BETWEEN, Pair
from ui.still.room import Room, wide

FLOOR: Final = 0.3  # what is computed again is tinted, however small its weight


def draw(meta: Meta, arrays: Arrays, room: Room) -> Figure:
    """Draw the block of kv.growth at its step."""
    canvas = Canvas(room.shades)
    step, text = meta["steps"][meta["step"]], meta["text"]
    end = step["start"] + step["fed"]
    first, last = window(len(meta["tokens"]), end, room.tokens)
    tokens = meta["tokens"][first:last]
    width = wide(2 * len(tokens), 4, 200 + BETWEEN)
    y = 0.0
    for line in wrapped(_sentence(meta, step), 15, width):
        canvas.text(0, y + 14, line, 15)
        y += 21
    y = _paint_counters(canvas, text, step, y + 10)
    pair = Pair(width)
    y = pair.paint_titles(canvas, _titles(meta, step), y) + 6
    left = layout(tokens, pair.half, y=y, most=28)
    right = layout(tokens, pair.half, x=pair.places[1], y=y, most=left.cell)
    inside = {key: arrays[key][first:last, first:last] for key in ("weights", "mask")}
    span = (max(0, step["start"] - first), end - first)
    _paint_square(canvas, left, inside, span, again=True)
    _paint_square(canvas, right, inside, span, again=False)
    legend = Legend(canvas, left.bottom + 18, width)
    if span[0]:
        legend.swatch(text["again"], canvas.fill("redo"))
    legend.scale(text["weights"], "attention", 1, diverging=False)
    legend.swatch(text["masked"], "hatch")
    bottom = legend.bottom
    if room.every_part:
        bottom = paint_rows(canvas, pair, meta, arrays, bottom + 14)
        bottom = _paint_below(canvas, pair, meta, bottom + 14)
    return Figure(canvas, width, bottom, last - first, len(meta["tokens"]))


def window(n_tokens: int, end: int, most: int) -> tuple[int, int]:
    """The tokens that there is room for: the newest ones that the step has seen."""
    last = min(n_tokens, max(end, most))
    return max(0, last - most), last


def _titles(meta: Meta, step: dict[str, Any]) -> list[str]:
    """What each square is."""
    slots = {"rows": step["start"] + step["fed"], "again": step["start"], "fed": step["fed"]}
    squares = ("recompute", "cached")
    return [meta["text"][f"{square}_{step['phase']}"].format(**slots) for square in squares]


def _sentence(meta: Meta, step: dict[str, Any]) -> str:
    chosen = step["chosen"]
    sentence: str = meta["text"][f"step_{step['phase']}"].format(
        step=meta["step"],
        steps=len(meta["steps"]) - 1,
        fed=step["fed"],
        pos=step["start"],
        token=name(meta["tokens"][step["start"]]),
        held=step["start"] + step["fed"],
        next="" if chosen is None else name(step["next"][chosen]["label"]),
    )
    return sentence


def _paint_counters(canvas: Canvas, text: dict[str, str], step: dict[str, Any], y: float) -> float:
    """The four measured numbers of the step in a row; return where it ends."""
    values = {
        "fed": str(step["fed"]),
        "held": size(step["held_bytes"]),
        "read": size(step["read_bytes"]),
        "ms": heat.brief(step["ms"]),
    }
    x = 0.0
    for key, value in values.items():
        canvas.text(x, y + 12, text[key], 12, "muted")
        canvas.text(x, y + 34, value, 19, font_weight=600)
        x += max(width_of(text[key], 12), width_of(value, 19)) + 32
    return y + 52


def _paint_below(canvas: Canvas, pair: Pair, meta: Meta, y: float) -> float:
    """The map of the whole cache beside what may come next; return where the longer one ends."""
    step, text = meta["steps"][meta["step"]], meta["text"]
    slots = {**meta, "held": step["start"] + step["fed"], "fed": step["fed"]}
    top = pair.paint_titles(canvas, [text["map"].format(**slots), text["next"]], y) + 8
    left, right = pair.places
    return max(
        paint_map(canvas, meta, left, top, pair.half),
        paint_bars(canvas, step, right, top, pair.half),
    )


def _paint_square(
    canvas: Canvas,
    g: Heat,
    arrays: Arrays,
    span: tuple[int, int],
    *,
    again: bool,
) -> None:
    """One square: the rows from span[0] up to span[1] are new, `again` those before them too."""
    start, end = span
    masked = arrays["mask"] == 0
    row, col = np.indices(masked.shape)
    computed = (row < end) & (col < end) & (again | (row >= start))
    seen = computed & ~masked
    steps = cells.sequential(arrays["weights"], canvas.shades)
    new = np.where(seen & (row >= start), steps, cells.GAP)
    if again:
        tinted = np.rint(canvas.shades * FLOOR + steps * (1 - FLOOR)).astype(np.int64)
        heat.paint_cells(canvas, g, np.where(seen & (row < start), tinted, cells.GAP), "redo")
    heat.paint_cells(canvas, g, new, "attention")
    heat.paint_grid(canvas, g)
    heat.paint_hatch(canvas, g, masked & computed)
    heat.paint_labels(canvas, g)
    heat.paint_outline(canvas, g, (start, 0, end - start, end))
