"""The poster of /timing: two measured runs on one clock, every token with its milliseconds."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ui.numbers.record import Arrays, Meta
from ui.posters.canvas import Canvas, number
from ui.posters.frame import Figure
from ui.posters.heat import brief
from ui.posters.labels import Token, draw_token, measure
from ui.posters.room import WIDTH, Room

PAD: Final = 16
INSIDE: Final = WIDTH - 2 * PAD
ROW: Final = 38  # a line of tokens with their milliseconds
SHOWN: Final = 12  # tokens of the prompt's end that stay before the new ones
HUES: Final = {"cached": "k", "recomputed": "redo"}


def draw(meta: Meta, arrays: Arrays, room: Room) -> Figure:
    """Draw the block of kv.race at its end: both lanes to the scale of one clock."""
    canvas = Canvas(room.shades)
    text = meta["text"]
    first = {name: arrays[f"{name}_ms"][0] for name in HUES}  # of the repeats
    y = 0.0
    for name in HUES:
        y = _paint_lane(canvas, meta, name, first, y) + 14
    seconds = {name: _seconds(ms, first) for name, ms in first.items()}
    canvas.text(0, y + 12, text["result"].format(**seconds), 14, font_weight=600)
    canvas.text(0, y + 34, text["milliseconds"], 12, "muted")
    n_tokens = len(meta["tokens"])
    return Figure(canvas, WIDTH, y + 38, n_tokens, n_tokens)


def _seconds(ms: NDArray[np.floating], lanes: Arrays) -> str:
    """As `seconds` in kvfront/figures/race/lane.js has them."""
    end = max(float(each.sum()) for each in lanes.values())
    return f"{float(ms.sum()) / 1000:.{3 if end < 1000 else 2}f}"


def _paint_lane(canvas: Canvas, meta: Meta, name: str, lanes: Arrays, top: float) -> float:
    """One lane; return where it ends."""
    text, hue = meta["text"], HUES[name]
    ms = lanes[name]
    scale = INSIDE / max(float(each.sum()) for each in lanes.values())
    canvas.text(PAD, top + 26, text[name], 16, f"{hue}-ink", font_weight=600)
    total = text["total"].format(seconds=_seconds(ms, lanes))
    canvas.text(WIDTH - PAD, top + 26, total, 14, text_anchor="end", font_weight=600)
    line = top + 38
    canvas.rect(PAD, line, INSIDE, 9, canvas.fill("grid"))
    x, pieces = float(PAD), []
    for each in ms.tolist():  # as wide as it took long
        w = each * scale
        pieces.append(f"M{number(x)} {number(line)}h{number(max(0.4, w - 1))}v9H{number(x)}z")
        x += w
    canvas.path("".join(pieces), canvas.fill(hue))
    bottom = _paint_text(canvas, meta, ms.tolist(), line + 32)
    frame: dict[str, Any] = {"fill": "none", "rx": 8}
    canvas.rect(0.5, top + 0.5, WIDTH - 1, bottom - top, canvas.stroke("grid"), **frame)
    return bottom


def _paint_text(canvas: Canvas, meta: Meta, ms: list[float], y: float) -> float:
    """The end of the prompt, then the tokens that were written; return where they end."""
    x = float(PAD)
    prompt: list[tuple[Token, str]] = [(token, "") for token in meta["prompt"][-SHOWN:]]
    written = [(token, brief(each)) for token, each in zip(meta["tokens"], ms, strict=True)]
    for token, under in prompt + written:
        room = max(measure(token, 15, INSIDE), measure(_plain(under), 11))
        if x > PAD and x + room > WIDTH - PAD:
            x, y = PAD, y + ROW
        colour = "fg" if under else "muted"
        draw_token(canvas, token, x, y, 15, most=INSIDE, colour=colour)
        canvas.text(x, y + 19, under, 11, "muted")
        x += room + 8
    return y + ROW - 10


def _plain(text: str) -> Token:
    return {"text": text, "space": False, "part": 1, "parts": 1}
