"""The poster of /growth: all that one step computes without a cache, beside its one row with it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ui.numbers.record import Arrays, Meta
from ui.posters import cells, heat
from ui.posters.canvas import Canvas, width_of
from ui.posters.frame import Figure, wrapped
from ui.posters.heat_layout import Heat, layout
from ui.posters.legend import Legend
from ui.units import size

WIDTH: Final = 600
BETWEEN: Final = 28
MOST_TOKENS: Final = 48
FLOOR: Final = 0.3  # what is computed again is tinted, however small its weight


def draw(meta: Meta, arrays: Arrays, shades: int) -> Figure:
    """Draw the block of kv.growth at its step."""
    canvas = Canvas(shades)
    step, text = meta["steps"][meta["step"]], meta["text"]
    y = 0.0
    for line in wrapped(_sentence(meta, step), 15, WIDTH):
        canvas.text(0, y + 14, line, 15)
        y += 21
    y = _paint_counters(canvas, text, step, y + 10)
    end = step["start"] + step["fed"]
    names = {"rows": end, "again": step["start"], "fed": step["fed"]}
    first, last = window(len(meta["tokens"]), end)
    inside = {
        "weights": arrays["weights"][first:last, first:last],
        "mask": arrays["mask"][first:last, first:last],
    }
    tokens = meta["tokens"][first:last]
    span = (max(0, step["start"] - first), end - first)
    half = (WIDTH - BETWEEN) / 2
    titles = [
        wrapped(text[f"{name}_{step['phase']}"].format(**names), 14, half)
        for name in ("recompute", "cached")
    ]
    top = y + 18 * max(map(len, titles)) + 6
    left = layout(tokens, half, y=top, most=28)
    right = layout(tokens, half, x=half + BETWEEN, y=top, most=left.cell)
    for g, lines in ((left, titles[0]), (right, titles[1])):
        x = 0 if g is left else half + BETWEEN
        for i, line in enumerate(lines):
            canvas.text(x, y + 14 + 18 * i, line, 14, font_weight=600)
    _paint_square(canvas, left, inside, span, again=True)
    _paint_square(canvas, right, inside, span, again=False)
    legend = Legend(canvas, left.bottom + 18, WIDTH)
    if span[0]:
        legend.swatch(text["again"], canvas.fill("redo"))
    legend.scale(text["weights"], "attention", 1, diverging=False)
    legend.swatch(text["masked"], "hatch")
    return Figure(canvas, WIDTH, legend.bottom, last - first, len(meta["tokens"]))


def window(n_tokens: int, end: int) -> tuple[int, int]:
    """The tokens that a small picture has room for: the newest ones that the step has seen."""
    last = min(n_tokens, max(end, MOST_TOKENS))
    return max(0, last - MOST_TOKENS), last


def _sentence(meta: Meta, step: dict[str, Any]) -> str:
    chosen = step["chosen"]
    sentence: str = meta["text"][f"step_{step['phase']}"].format(
        step=meta["step"] + 1,
        steps=len(meta["steps"]),
        fed=step["fed"],
        pos=step["start"],
        token=_name(meta["tokens"][step["start"]]),
        held=step["start"] + step["fed"],
        next="" if chosen is None else _name(step["next"][chosen]["label"]),
    )
    return sentence


def _name(token: dict[str, Any]) -> str:
    """A token in a sentence: a fragment of a character with its number."""
    text: str = token["text"]
    return f"{text} {token['part']}/{token['parts']}" if token["parts"] > 1 else text


def _paint_counters(canvas: Canvas, text: dict[str, str], step: dict[str, Any], y: float) -> float:
    """The four measured numbers of the step in a row; return where it ends."""
    values = {
        "fed": str(step["fed"]),
        "held": size(step["held_bytes"]),
        "read": size(step["read_bytes"]),
        "ms": heat.brief(step["ms"]),
    }
    x = 0.0
    for name, value in values.items():
        canvas.text(x, y + 12, text[name], 12, "muted")
        canvas.text(x, y + 34, value, 19, font_weight=600)
        x += max(width_of(text[name], 12), width_of(value, 19)) + 32
    return y + 52


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
