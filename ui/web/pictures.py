"""Pictures of a view that anyone may ask for by an address: /poster.svg and /card.png."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kvembed.view import View
from ui import posters, views
from ui.posters.caption import caption
from ui.posters.frame import Caption
from ui.posters.raster import png
from ui.served import host, runs
from ui.served.memo import ByteMemo
from ui.views.asked import asked
from ui.views.race import first_repeat
from ui.web.answers import Made

_HEADERS: Final = {
    "Cache-Control": "public, max-age=3600",
    "Vary": "Accept-Language",  # decides where the view names no language
    "Access-Control-Allow-Origin": "*",  # other sites show these, and builds put them into pages
    "Cross-Origin-Resource-Policy": "cross-origin",
    # Opened by itself an SVG is a document: this one needs nothing but its own style.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}
_made: Final = ByteMemo(16 << 20)

Draw = Callable[[str, bytes, Caption], str]


def poster_of(view: View, lang: str) -> Made:
    """The SVG of a view. ValueError for a view that there cannot be."""
    key = ("poster", _shown(view), lang, runs.today())
    body = _made.get(key, lambda: _draw(_shown(view), lang, posters.poster).encode())
    return Made(body, "image/svg+xml", _HEADERS)


def card_of(view: View, lang: str) -> Made:
    """The picture of a view in a link preview. ValueError for a view that there cannot be."""
    key = ("card", _shown(view), lang, runs.today())
    body = _made.get(key, lambda: png(_draw(_shown(view), lang, posters.card)))
    return Made(body, "image/png", _HEADERS)


def _shown(view: View) -> View:
    """What is to be seen of a view: not what is locked, and one repeat of a race."""
    seen = first_repeat(view.view) if view.page == "timing" else view.view
    return replace(view, lock=(), view=seen)


def _draw(view: View, lang: str, draw: Draw) -> str:
    decoder = host.ready(view.model)
    kind, block = views.block(view, lang, decoder)
    return draw(kind, block, caption(view, asked(view, lang, decoder), kind, block))
