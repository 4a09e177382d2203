"""The web server besides the pages that it runs: start-up, routes, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kvembed.script import element_script
from ui.language.i18n import ROOT
from ui.served import host
from ui.served.failure import failure
from ui.views.pages import BY_PATH, PAGES
from ui.web import plugin, previews, public, shell
from ui.web.answers import OfView
from ui.web.assets import CompressedAssets
from ui.web.numbers import numbers_of
from ui.web.oembed import oembed
from ui.web.pictures import card_of, poster_of
from ui.web.snapshots import snapshot_answer

# The metrics and the agent API of Streamlit are for operators and programs, not for the public.
_CLOSED: Final = ("/_stcore/metrics", "/_stcore/agent")


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Begin to load the model when the server starts, without keeping anyone waiting."""
    host.start_what_is_here()
    yield


def routes() -> list[BaseRoute]:
    """The routes that this site has besides Streamlit's own."""
    return [
        Route("/healthz", healthz),
        Route("/robots.txt", robots),
        Route("/embed.js", element),
        Route("/kvembed.zip", plugin.answer),
        Route("/assets/logo.svg", logo),
        Route("/numbers.csv", OfView(numbers_of).answer),
        Route("/poster.svg", OfView(poster_of).answer),
        Route("/card.png", OfView(card_of).answer),
        Route("/oembed", oembed),
        Route("/snapshot", snapshot_answer),
        Mount("/assets/fonts", StaticFiles(directory=ROOT / "assets" / "fonts", check_dir=False)),
        *(Route(f"/{page.path}", document, name=page.file) for page in PAGES),
    ]


def middleware() -> list[Middleware]:
    """Headers for every answer, and compressed assets."""
    return [Middleware(Guard), Middleware(CompressedAssets)]


async def healthz(_request: Request) -> Response:
    """How far each model is: 200 once the default one is ready, else 503 and how it stands."""
    default = host.status(host.names()[0])
    ready = default.state == "ready"
    said = {"status": "ok" if ready else default.state, "models": host.statuses()}
    if default.state == "failed":
        said["reason"] = failure(default.reason, say=str)
    return JSONResponse(said, status_code=200 if ready else 503)


async def robots(_request: Request) -> Response:
    """Every page may be indexed; without this Streamlit would answer with a page."""
    return PlainTextResponse("User-agent: *\nAllow: /\n")


async def element(_request: Request) -> Response:
    """The script of <kv-cache>, for the pages of other sites."""
    headers = {
        "Access-Control-Allow-Origin": "*",  # a module is fetched across origins only with leave
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=3600",
    }
    return Response(element_script(), media_type="text/javascript", headers=headers)


async def logo(_request: Request) -> Response:
    """The icon of the document."""
    return FileResponse(ROOT / "assets" / "logo.svg")


async def document(request: Request) -> Response:
    """The page that the browser loads the site into, in the language that it asks for."""
    lang = shell.language(
        request.query_params.get("lang", ""), request.headers.get("accept-language", "")
    )
    page = BY_PATH[request.url.path.removeprefix("/")]
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    view = previews.of_query(page.path, request.query_params, lang)
    text = shell.document(page, lang)
    with suppress(ValueError):  # a host that is no name of one has no links to it
        server = public.server(request)
        for end, more in (("</head>", previews.head), ("</noscript>", previews.still)):
            text = text.replace(end, more(view, server) + end, 1)
    return HTMLResponse(text, headers=headers)


class Guard:
    """Adds the security headers to every answer, and closes what is not for the public."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": shell.content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",  # an address holds what a visitor typed
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything but HTTP through untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        closed = scope["path"].startswith(_CLOSED)
        app = PlainTextResponse("Not found", status_code=404) if closed else self.app
        await app(scope, receive, send_guarded)
