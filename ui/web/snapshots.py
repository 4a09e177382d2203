"""The snapshot of a view as a file that anyone may ask for by its address."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kvembed.view import View
from ui.served import runs
from ui.served.memo import ByteMemo
from ui.snapshot.make import snapshot
from ui.views.filenames import file_name
from ui.web import public
from ui.web.answers import Made, OfView, attachment

_made: Final = ByteMemo(32 << 20)


def _snapshot_of(view: View, _lang: str, *, site: str) -> Made:
    """An HTML file. Shown in place of being kept, it is a stranger to this site."""
    key = (view, site, runs.today())
    body = _made.get(key, lambda: snapshot(view, site).encode())
    headers = {"Content-Security-Policy": "sandbox allow-scripts"}
    return Made(body, "text/html", headers | attachment(file_name(view, "html")))


_of_view: Final = OfView(_snapshot_of)


async def snapshot_answer(request: Request) -> Response:
    """The file, with a link back to this site; otherwise as `OfView.answer`."""
    try:
        site = public.server(request)
    except ValueError as error:
        return PlainTextResponse(str(error), status_code=400)
    return await _of_view.answer(request, site=site)
