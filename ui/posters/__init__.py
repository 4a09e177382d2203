"""Posters: the figure of a view as a still picture, from the very block that the browser draws.

A picture is one SVG file for light and dark, without script, font or anything else from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ui.figures.pack import unpack
from ui.figures.record import Arrays, Meta
from ui.posters import frame, growth
from ui.posters.canvas import Canvas
from ui.posters.frame import Caption, Figure
from ui.still.draw import STILLS, still
from ui.still.room import SMALL, WHOLE, Room

MOST_BYTES: Final = 60_000  # of a small file, where that can be had

_FIGURES: Final[Mapping[str, Callable[[Meta, Arrays, Room], Figure]]] = {
    "growth": growth.draw,
}


def poster(kind: str, block: bytes, caption: Caption) -> str:
    """The SVG of a figure under its title, in as many shades as a small file has room for.

    Of a long text it has the newest tokens, and says so. ValueError for a kind of figure that has
    no picture.
    """
    return _small(kind, block, lambda figure: frame.poster(figure, caption))


def card(kind: str, block: bytes, caption: Caption) -> str:
    """The same figure beside its title, in the shape of a link preview."""
    return _small(kind, block, lambda figure: frame.card(figure, caption))


def picture(kind: str, block: bytes, caption: Caption) -> str:
    """The same as `poster` with every token, however large the file is."""
    return frame.poster(_draw(kind, block, WHOLE), caption)


def _small(kind: str, block: bytes, framed: Callable[[Figure], str]) -> str:
    svg = ""
    for room in SMALL:
        svg = framed(_draw(kind, block, room))
        if len(svg.encode()) <= MOST_BYTES:
            break
    return svg


def _draw(kind: str, block: bytes, room: Room) -> Figure:
    if kind in STILLS:
        made = still(kind, block, room)
        canvas = Canvas()
        canvas.adopt(made.markup, made.light, made.dark)
        return Figure(canvas, made.width, made.height, made.shown, made.tokens)
    if kind not in _FIGURES:
        names = ", ".join((*STILLS, *_FIGURES))
        raise ValueError(f"a figure of kind {kind!r} has no picture: choose one of {names}")
    meta, arrays = unpack(block)
    return _FIGURES[kind](meta, arrays, room)
