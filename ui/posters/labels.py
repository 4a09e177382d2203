"""Token labels in an SVG: a leading space as a thin mark, a fragment with its number."""

from __future__ import annotations

import math
import unicodedata
from typing import Any, Final

from kvcore.text.labels import named
from ui.posters.canvas import Canvas, number, width_of

Token = dict[str, Any]  # as ui/figures/labels.py sends it

MARK: Final = 0.34  # width of the space mark, in em
PART: Final = 0.68  # size of the fragment's number, in em
INFINITE: Final = float("inf")


def _pieces(token: Token, size: float, most: float) -> tuple[float, str, float, str]:
    """Width of the mark, the text cut to fit, its width, and the fragment's number."""
    mark = size * (MARK + 0.1) if token["space"] else 0.0
    part = f"{token['part']}/{token['parts']}" if token["parts"] > 1 else ""
    room = most - mark - width_of(part, size * PART)
    text = str(token["text"])
    if width_of(text, size) > room:
        while len(text) > 1 and width_of(text + "…", size) > room:
            text = text[:-1]
        text += "…"
    return mark, text, width_of(text, size), part


def name(token: Token) -> str:
    """A token in a sentence, whichever way it is written: a fragment with its number."""
    text: str = token["text"]
    if _leftward(text):
        text = f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return named(text, token["space"], token["part"], token["parts"])


def _leftward(text: str) -> bool:
    """Whether a text has letters that are written from right to left."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def measure(token: Token, size: float, most: float = INFINITE) -> float:
    """About how wide a label is."""
    mark, _, width, part = _pieces(token, size, most)
    return mark + width + width_of(part, size * PART)


def draw_token(
    canvas: Canvas,
    token: Token,
    x: float,
    y: float,
    size: float,
    *,
    align: float = 0,
    angle: float = 0,
    most: float = INFINITE,
    colour: str = "fg",
) -> None:
    """Draw a label with its middle line at y. `align`: 0 begins at x, 0.5 is centred, 1 ends there.

    `angle` turns it around (x, y), in degrees. `most` is the width that there is.
    """
    mark, text, width, part = _pieces(token, size, most)
    left = x - align * (mark + width + width_of(part, size * PART))
    base = y + size * 0.36
    turn = {"transform": f"rotate({number(angle)} {number(x)} {number(y)})"} if angle else {}
    if mark:
        _mark(canvas, (left, base), size, (x, y), math.radians(angle))
    if mark or align == 0 or part:
        canvas.text(left + mark, base, text, size, colour, **turn)
    else:  # the reader's own font knows best where the middle is
        anchor = "middle" if align == 0.5 else "end"
        canvas.text(x, base, text, size, colour, text_anchor=anchor, **turn)
    if part:
        at = left + mark + width + 1
        canvas.text(at, base - size * 0.22, part, size * PART, "muted", **turn)


def _mark(
    canvas: Canvas,
    at: tuple[float, float],
    size: float,
    centre: tuple[float, float],
    angle: float,
) -> None:
    """The thin mark of a space; all marks of a picture become one path at its end."""
    x, y = at
    rise, wide = size * 0.22, size * MARK
    points = []
    for px, py in ((x, y - rise), (x, y), (x + wide, y), (x + wide, y - rise)):
        dx, dy = px - centre[0], py - centre[1]
        points.append(
            (
                centre[0] + dx * math.cos(angle) - dy * math.sin(angle),
                centre[1] + dx * math.sin(angle) + dy * math.cos(angle),
            )
        )
    canvas.mark(points)
