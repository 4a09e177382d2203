"""Pictures of a view that anyone may ask for by an address: /poster.svg and /card.png."""

from __future__ import annotations

from typing import Final

from kvembed.view import View
from ui.served import runs
from ui.served.memo import ByteMemo
from ui.still import pictures
from ui.still.raster import png
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


def poster_of(view: View, lang: str) -> Made:
    """The SVG of a view. ValueError for a view that there cannot be."""
    shown = pictures.shown(view)
    key = ("poster", shown, lang, runs.today())
    body = _made.get(key, lambda: pictures.of_view(shown, lang, pictures.poster).encode())
    return Made(body, "image/svg+xml", _HEADERS)


def card_of(view: View, lang: str) -> Made:
    """The picture of a view in a link preview. ValueError for a view that there cannot be."""
    shown = pictures.shown(view)
    key = ("card", shown, lang, runs.today())
    body = _made.get(key, lambda: png(pictures.of_view(shown, lang, pictures.card)))
    return Made(body, "image/png", _HEADERS)
