"""The poster of the home page: the cache under its tokens, and the newest q reaching back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ui.figures.numbers.record import Arrays, Meta
from ui.posters import cells
from ui.posters.canvas import FONT, Canvas, number
from ui.posters.frame import Figure
from ui.posters.labels import draw_token
from ui.posters.legend import Legend
from ui.posters.palette import CURVE
from ui.posters.shelf_fit import fitting
from ui.posters.shelf_layout import LABEL, SIDE, Shelf, layout
from ui.posters.strips import Rack, draw_strips
from ui.still.room import Room


def draw(meta: Meta, arrays: Arrays, room: Room) -> Figure:
    """Draw the block of kv.shelf as its second still: q meets every k."""
    n_tokens = len(meta["tokens"])
    meta, arrays = fitting(meta, arrays, room)
    canvas = Canvas(room.shades)
    g = layout(meta)
    _paint_unwritten(canvas, g)
    _paint_labels(canvas, g)
    _paint_reach(canvas, g, arrays)
    _paint_query(canvas, g, meta, arrays)
    _paint_boards(canvas, g, meta, arrays)
    if g.map_top:
        _paint_map(canvas, g, meta, arrays["key_shares"])
    _paint_names(canvas, g, meta)
    _paint_new(canvas, g, meta)
    text, full = meta["text"], meta["full"]
    legend = Legend(canvas, g.height + 12, g.width)
    for letter in "qkv":
        legend.scale(letter, letter, full[letter], diverging=True)
    legend.scale(text["legend_weight"], "attention", 1, diverging=False)
    if g.map_top:
        legend.swatch(text["legend_minimap"], canvas.fill("k"))
    legend.swatch(text["legend_masked"], "hatch")
    return Figure(canvas, g.width, legend.bottom, len(g.middles), n_tokens)


def _paint_unwritten(canvas: Canvas, g: Shelf) -> None:
    """Right of the newest token nothing is written, and nothing may be looked at."""
    left, top = g.end + 3, g.label_base + 6
    bottom = g.boards[0].top + g.boards[0].height
    canvas.rect(left, top, g.width - left, bottom - top, "hatch", opacity=0.6)


def _paint_labels(canvas: Canvas, g: Shelf) -> None:
    for label in g.labels:
        left, width = g.span(label.start, label.stop)
        flat = not g.angle
        room = sum(g.widths[label.start : label.stop])
        draw_token(
            canvas,
            label.token,
            left + width / 2,
            g.label_base - (FONT / 2 if flat else 0),
            min(FONT, room) if flat else g.font,
            align=0.5 if flat else 0,
            angle=g.angle,
            most=math.inf if flat else LABEL - 6,
        )
        if label.stop - label.start > 1:
            canvas.rect(left, g.label_base + 2, width, 1, canvas.fill("muted"))


def _paint_reach(canvas: Canvas, g: Shelf, arrays: Arrays) -> None:
    """A line from q to every key, as strong as its weight; small weights stay visible."""
    last = len(g.middles) - 1
    start = g.k[last] - g.strip / 2
    bottom = g.q_top + g.q_height
    stroke = canvas.stroke("attention-ink")
    for to, weight in enumerate(arrays["weights"].tolist()):
        x = g.middles[to]
        if to == last:
            curve = [(g.k[last], bottom), (g.k[last], bottom + 8), (x, g.weights - 8)]
        else:
            # Far keys leave higher, so that no two ways cross.
            y = bottom - 4 - math.sqrt((last - to) / max(1, last)) * (g.q_height - 8)
            bend = (start - 0.55 * (start - x), y)
            curve = [(start, y), bend, (x, y + 0.1 * (g.weights - y))]
        a, b, c = (f"{number(round(px, 1))} {number(round(py, 1))}" for px, py in curve)
        canvas.path(
            f"M{a}C{b} {c} {number(x)} {number(g.weights)}",
            stroke,
            fill="none",
            stroke_width=1 + 1.5 * weight,
            opacity=0.06 + 0.94 * weight**CURVE,
        )
    for step, d in _weights(g, arrays["weights"], canvas.shades).items():
        canvas.path(d, canvas.fill(cells.colour("attention", step) if step else "paper"))
    frames = (g.span(i, i + 1) for i in range(last + 1))
    canvas.path(
        "".join(
            f"M{number(x - 0.5)} {number(g.weights - 0.5)}h{number(w + 1)}v7h-{number(w + 1)}z"
            for x, w in frames
        ),
        canvas.stroke("grid"),
        fill="none",
    )


def _weights(g: Shelf, weights: np.ndarray, shades: int) -> dict[int, str]:
    """The weights as a strip of cells over the columns: one path for each step of the ramp."""
    paths: dict[int, str] = {}
    for i, step in enumerate(cells.sequential(weights, shades).tolist()):
        x, w = g.span(i, i + 1)
        piece = f"M{number(x)} {number(g.weights)}h{number(w)}v6h-{number(w)}z"
        paths[step] = paths.get(step, "") + piece
    return paths


def _paint_query(canvas: Canvas, g: Shelf, meta: Meta, arrays: Arrays) -> None:
    """The newest token's q, and the empty place of the mix that it will bring back."""
    shape: dict[str, Any] = {
        "start": g.q_top,
        "length": g.q_height,
        "thick": g.strip,
        "upright": True,
    }
    steps = cells.diverging(arrays["q"][None], meta["full"]["q"], canvas.shades)
    draw_strips(canvas, steps, "q", Rack(at=[g.k[-1]], **shape))
    x, y, w, h = Rack(at=[g.v[-1]], **shape).box(0)
    dashed: dict[str, Any] = {"fill": "none", "stroke_dasharray": "2 3", "opacity": 0.8}
    canvas.rect(x - 0.5, y - 0.5, w + 1, h + 1, canvas.stroke("v"), **dashed)


def _paint_boards(canvas: Canvas, g: Shelf, meta: Meta, arrays: Arrays) -> None:
    for letter, at in (("k", g.k), ("v", g.v)):
        values = arrays[letter].reshape(len(g.middles), -1, meta["head_dim"])  # (S, N * Hkv, D)
        steps = cells.diverging(values, meta["full"][letter], canvas.shades)
        for board in g.boards:
            draw_strips(
                canvas,
                steps[:, board.row],
                letter,
                Rack(at=at, start=board.top, length=board.height, thick=g.strip, upright=True),
            )
    for board in g.boards:
        canvas.rect(SIDE, board.top + board.height + 4, g.width - SIDE, 1, canvas.fill("grid"))


def _paint_map(canvas: Canvas, g: Shelf, meta: Meta, shares: np.ndarray) -> None:
    """Every layer as one line: how long each token's k is, against the longest there."""
    steps = np.rint(shares.T * canvas.shades).astype(np.int64)  # (L, S) -> (S, L)
    left, width = g.span(0, len(g.middles))
    cells.draw(
        canvas,
        steps,
        "k",
        at=g.middles,
        origin=(0, g.map_top),
        scale=(1, g.map_line),
        thick=2 * g.strip + g.gap,
        upright=True,
    )
    y = g.map_top + meta["layer"] * g.map_line
    frame: dict[str, Any] = {"fill": "none", "stroke_width": 1}
    canvas.rect(left - 1.5, y - 1.5, width + 3, g.map_line + 3, canvas.stroke("fg"), **frame)


def _paint_new(canvas: Canvas, g: Shelf, meta: Meta) -> None:
    """What is new in this step: a bold outline on every shelf."""
    left, width = g.span(meta["start"], len(g.middles))
    places = [(board.top, board.height) for board in g.boards]
    if g.map_top:
        places.append((g.map_top, meta["n_layers"] * g.map_line))
    for top, height in places:
        look: dict[str, Any] = {"fill": "none", "stroke_width": 2}
        canvas.rect(left - 3, top - 3, width + 6, height + 6, canvas.stroke("fg"), **look)


def _paint_names(canvas: Canvas, g: Shelf, meta: Meta) -> None:
    """The names of the lines, at their left."""
    text = meta["text"]

    def name(line: str, y: float, colour: str = "muted") -> None:
        canvas.text(SIDE - 10, y + 4, line, 12, colour, text_anchor="end")

    name(text["query"].format(head=meta["head"]), g.q_top + g.q_height / 2)
    for layer in meta["shown"]:
        boards = [board for board in g.boards if board.layer == layer]
        top, bottom = boards[0].top, boards[-1].top + boards[-1].height
        named = text["layer"].format(layer=layer)
        name(named, top + 8 if layer == meta["layer"] else (top + bottom) / 2)
    if g.map_top:
        for layer in {0, meta["layer"], meta["n_layers"] - 1}:
            if layer == meta["layer"] or abs(layer - meta["layer"]) * g.map_line > 14:
                y = g.map_top + (layer + 0.5) * g.map_line
                name(text["layer"].format(layer=layer), y)
