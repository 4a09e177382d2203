"""oEmbed (https://oembed.com): what another site shows where an author pastes our address."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from kvembed import html
from kvembed.contract import PAGES
from kvembed.placement import Placement
from kvembed.view import View
from ui.language.i18n import speaker
from ui.still.frame import CARD_HEIGHT, CARD_WIDTH
from ui.still.points import pointed
from ui.views.pages import SITE
from ui.web import public, shell

WIDTH: Final = 800  # px, where the consumer names no smaller one


async def oembed(request: Request) -> Response:
    """The rich embed of an address of ours, as JSON.

    404 for an address that shows none of our views, 501 for any other format than JSON, 400 for a
    request that says nothing we can read.
    """
    asked = request.query_params
    if asked.get("format", "json") != "json":
        return PlainTextResponse("Only format=json is answered.", status_code=501)
    if not asked.get("url"):
        return PlainTextResponse("url is missing: give the address of a view.", status_code=400)
    try:
        server = public.server(request)
        most = {name: _size(asked.get(name), name) for name in ("maxwidth", "maxheight")}
    except ValueError as error:
        return PlainTextResponse(str(error), status_code=400)
    try:
        view = View.from_url(asked["url"], server)
    except ValueError as error:
        return PlainTextResponse(str(error), status_code=404)
    lang = shell.language(view.lang or "", request.headers.get("accept-language", ""))
    headers = {
        "Vary": "Accept-Language",
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=3600",
    }
    return JSONResponse(_answer(view, server, lang, **most), headers=headers)


def _answer(
    view: View, server: str, lang: str, maxwidth: int | None, maxheight: int | None
) -> dict[str, Any]:
    width = min(WIDTH, maxwidth or WIDTH)
    height = min(html.FRAME_HEIGHT, maxheight or html.FRAME_HEIGHT)
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": PAGES[view.page].title[lang],
        "provider_name": speaker(lang)(SITE),
        "provider_url": server,
        "cache_age": 3600,
        "html": html.frame(view, Placement(), server, height),
        "width": width,
        "height": height,
    }
    if (maxwidth or CARD_WIDTH) >= CARD_WIDTH and (maxheight or CARD_HEIGHT) >= CARD_HEIGHT:
        # The limits hold for the picture too, and ours has one size.
        answer |= {
            "thumbnail_url": pointed(view).resource(server, "card.png"),
            "thumbnail_width": CARD_WIDTH,
            "thumbnail_height": CARD_HEIGHT,
        }
    return answer


def _size(text: str | None, name: str) -> int | None:
    """A limit in px; 0 and nothing are none."""
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        raise ValueError(f"{name}={text[:20]!r} is no number of pixels: give 1 to 99999")
    return int(text) or None
