"""Posters: the figure of a view as a still picture, from the very block that the browser draws.

A picture is one SVG file for light and dark, without script, font or anything else from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ui.posters import frame
from ui.posters.frame import Caption
from ui.still.draw import Still, still
from ui.still.room import SMALL, WHOLE

MOST_BYTES: Final = 60_000  # of a small file, where that can be had


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
    return frame.poster(still(kind, block, WHOLE), caption)


def _small(kind: str, block: bytes, framed: Callable[[Still], str]) -> str:
    svg = ""
    for room in SMALL:
        svg = framed(still(kind, block, room))
        if len(svg.encode()) <= MOST_BYTES:
            break
    return svg
