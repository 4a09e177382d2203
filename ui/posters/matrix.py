"""The poster of /why-not-q: Q·Kᵀ at one of its seven steps, with Q, K, V and z around it."""

from __future__ import annotations

from typing import Final

import numpy as np

from ui.numbers.record import Arrays, Meta
from ui.posters import cells, heat, strips
from ui.posters.canvas import Canvas
from ui.posters.frame import Figure, wrapped
from ui.posters.heat_layout import Heat, layout
from ui.posters.labels import name
from ui.posters.legend import Legend
from ui.posters.matrix_around import BARS, LENGTH, paint_around
from ui.still.room import Room, wide

NARROW: Final = 420
RIGHT: Final = 62  # room for z


def draw(meta: Meta, arrays: Arrays, room: Room) -> Figure:
    """Draw the block of kv.matrix: of a long text, its newest tokens."""
    n_tokens = len(meta["tokens"])
    meta, arrays = _newest(meta, arrays, room.tokens)
    canvas = Canvas(room.shades)
    tokens, stage = meta["tokens"], meta["stage"]
    available = wide(len(tokens), 6, 300)
    g = layout(tokens, available, reserve=(LENGTH + 12, LENGTH + 12, RIGHT))
    _paint_matrix(canvas, g, stage, arrays)
    paint_around(canvas, g, meta, arrays)
    bottom = g.bottom + BARS + LENGTH + 34
    width = min(available, max(NARROW, g.right + RIGHT))
    legend = Legend(canvas, bottom + 14, width)
    text = meta["text"]
    if stage < 5:
        legend.scale(text["scores"], "attention", _reach(arrays), diverging=True)
    else:
        legend.scale(text["weights"], "attention", 1, diverging=False)
        legend.swatch(text["masked"], "hatch")
    for letter in "qkv":
        full = strips.full_of(arrays[letter])
        legend.scale(letter.upper(), letter, full, diverging=True)
    bottom, said = legend.bottom, [text.get("caption", "")]
    if meta["cell"] and min(meta["cell"]) >= 0:
        heat.paint_chosen(canvas, g, *meta["cell"])
        said.append(_words(meta, arrays, n_tokens - len(tokens)))
    for line in (line for words in filter(None, said) for line in wrapped(words, 14, width)):
        canvas.text(0, bottom + 16, line, 14)
        bottom += 20
    return Figure(canvas, width, bottom, len(tokens), n_tokens)


def _words(meta: Meta, arrays: Arrays, dropped: int) -> str:
    """The chosen cell in words, as under the live figure."""
    row, col = meta["cell"]
    text, tokens, stage = meta["text"], meta["tokens"], meta["stage"]
    if stage == 1 and max(row, col) == len(tokens) - 1:
        value = text["empty"]
    elif stage >= 5 and not arrays["mask"][row, col]:
        value = text["masked"]
    else:
        value = heat.brief(float(arrays["weights" if stage >= 5 else "scores"][row, col]))
    sentence: str = text["cell"].format(
        query=name(tokens[row]),
        query_pos=row + dropped,
        key=name(tokens[col]),
        key_pos=col + dropped,
        value=value,
    )
    return sentence


def _newest(meta: Meta, arrays: Arrays, most: int) -> tuple[Meta, Arrays]:
    """The tokens that there is room for."""
    first = max(0, len(meta["tokens"]) - most)
    deleted = {
        name: pos - first if isinstance(pos, int) and pos >= first else None
        for name, pos in meta["deleted"].items()
    } | {"q": meta["deleted"]["q"]}
    square = ("scores", "weights", "mask")
    cut = {
        name: array[first:, first:] if name in square else array[first:]
        for name, array in arrays.items()
    }
    cell = [at - first for at in meta["cell"] or ()]
    own = {"tokens": meta["tokens"][first:], "deleted": deleted, "cell": cell}
    return {**meta, **own}, cut


def _reach(arrays: Arrays) -> float:
    """The largest size of a score: the scale's end."""
    return float(np.abs(arrays["scores"]).max()) or 1.0


def _paint_matrix(canvas: Canvas, g: Heat, stage: int, arrays: Arrays) -> None:
    n, last = g.n, g.n - 1
    shares = stage >= 5
    masked = arrays["mask"] == 0
    values = arrays["weights"] if shares else arrays["scores"]
    if shares:
        steps = np.where(masked, cells.GAP, cells.sequential(values, canvas.shades))
    else:
        steps = cells.diverging(values, _reach(arrays), canvas.shades)
    lit = np.ones((n, n), dtype=bool)
    weak = 1.0
    if stage == 1:
        steps[last, :] = steps[:, last] = cells.GAP
        lit[:], weak = False, 0.22
    elif stage == 4:
        lit[:, :last], weak = False, 0.13
    elif stage in (3, 6, 7):
        lit[:last], weak = False, 0.16 if shares else 0.13
    heat.paint_cells(canvas, g, np.where(lit, cells.GAP, steps), "attention", weak)
    heat.paint_cells(canvas, g, np.where(lit, steps, cells.GAP), "attention")
    heat.paint_grid(canvas, g)
    if shares:
        heat.paint_hatch(canvas, g, masked, 1 if stage == 5 else 0.45)
    heat.paint_numbers(canvas, g, values, np.where(lit, steps, cells.GAP), "attention")
    heat.paint_labels(
        canvas, g, lambda i: _label(stage, "row", i, last), lambda i: _label(stage, "col", i, last)
    )
    row, column = (last, 0, 1, n), (0, last, n, 1)
    if stage == 5 and last:
        heat.paint_outline(canvas, g, (0, last, last, 1), "muted", "4 3")
        heat.paint_outline(canvas, g, (last, last, 1, 1))
    for place in {1: [row, column], 4: [column]}.get(stage, [] if stage in (2, 5) else [row]):
        heat.paint_outline(canvas, g, place)


def _label(stage: int, axis: str, i: int, last: int) -> float:
    if i == last:
        return 1
    if stage == 1:
        return 0.5
    faint = stage in (3, 6, 7) if axis == "row" else stage == 4
    return 0.45 if faint else 1
