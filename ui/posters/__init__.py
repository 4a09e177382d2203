"""Posters: the figure of a view as a still picture, from the very block that the browser draws.

A picture is one SVG file for light and dark, without script, font or anything else from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ui.components.pack import unpack
from ui.numbers.record import Arrays, Meta
from ui.posters import frame, growth, matrix, race, shelf
from ui.posters.frame import Caption, Figure

MOST_BYTES: Final = 60_000  # of a file, where that can be had

# Steps of a ramp from paper to a full value. The more there are, the fewer neighbours share one.
SHADES: Final = (24, 16, 12, 9, 7, 5, 4)

_FIGURES: Final[Mapping[str, Callable[[Meta, Arrays, int], Figure]]] = {
    "matrix": matrix.draw,
    "shelf": shelf.draw,
    "growth": growth.draw,
    "race": race.draw,
}


def poster(kind: str, block: bytes, caption: Caption) -> str:
    """The SVG of a figure under its title, in as many shades as a small file has room for.

    ValueError for a kind of figure that has no poster.
    """
    return _smallest(kind, block, lambda figure: frame.poster(figure, caption))


def card(kind: str, block: bytes, caption: Caption) -> str:
    """The same figure beside its title, in the shape of a link preview."""
    return _smallest(kind, block, lambda figure: frame.card(figure, caption))


def _smallest(kind: str, block: bytes, framed: Callable[[Figure], str]) -> str:
    if kind not in _FIGURES:
        names = ", ".join(_FIGURES)
        raise ValueError(f"a figure of kind {kind!r} has no poster: choose one of {names}")
    meta, arrays = unpack(block)
    svg = ""
    for shades in SHADES:
        svg = framed(_FIGURES[kind](meta, arrays, shades))
        if len(svg.encode()) <= MOST_BYTES:
            break
    return svg
