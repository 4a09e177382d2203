"""The figure of a view as a still picture, from the very block that the browser draws.

A picture is one SVG file for light and dark, without script, font or anything else from outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kvembed.view import View
from ui.served import host
from ui.still import frame
from ui.still.budget import SMALL, WHOLE
from ui.still.caption import caption
from ui.still.draw import Still, still
from ui.still.frame import Caption
from ui.views.block import block_for
from ui.views.race import first_repeat
from ui.views.resolved import resolve

Draw = Callable[[str, bytes, Caption], str]

MOST_BYTES: Final = 60_000  # of a small file, where that can be had
_STEP: Final = 0.9  # what a step to fewer shades leaves of a file, about


def poster(kind: str, block: bytes, said: Caption) -> str:
    """The SVG of a figure under its title, in as many shades as a small file has room for.

    Of a long text it has the newest tokens, and says so. ValueError for a kind of figure that has
    no picture.
    """
    return _small(kind, block, lambda figure: frame.poster(figure, said))


def card(kind: str, block: bytes, said: Caption) -> str:
    """The same figure beside its title, in the shape of a link preview."""
    return _small(kind, block, lambda figure: frame.card(figure, said))


def picture(kind: str, block: bytes, said: Caption) -> str:
    """The same as `poster` with every token, however large the file is."""
    return frame.poster(still(kind, block, WHOLE), said)


def _small(kind: str, block: bytes, framed: Callable[[Still], str]) -> str:
    """In as many shades as fit into a small file, or in the fewest."""
    svg, index, last = "", 0, len(SMALL) - 1
    while True:
        svg = framed(still(kind, block, SMALL[index]))
        share = MOST_BYTES / len(svg.encode())
        if share >= 1 or index == last:
            return svg
        index = min(last, index + max(1, int(math.log(share, _STEP))))


def shown(view: View) -> View:
    """The part of a view that a picture shows: not what is locked, and one repeat of a race."""
    seen = first_repeat(view.view) if view.page == "timing" else view.view
    return replace(view, lock=(), view=seen)


def of_view(view: View, lang: str, draw: Draw) -> str:
    """The picture of a view by `draw`, one of those above. ValueError where there cannot be one."""
    decoder = host.ready(view.model)
    kind, block = block_for(view, lang, decoder)
    return draw(kind, block, caption(view, resolve(view, lang, decoder), kind, block))
