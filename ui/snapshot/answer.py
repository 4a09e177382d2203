"""The snapshot of a view as a file that anyone may ask for by its address."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kvembed.view import View
from ui import runs
from ui.answers import Made, OfView, attachment
from ui.filenames import file_name
from ui.memo import ByteMemo
from ui.snapshot import snapshot

_kept: Final = ByteMemo(32_000_000)


def _made(view: View, _lang: str, *, site: str) -> Made:
    """An HTML file. Shown in place of being kept, it is a stranger to this site."""
    asked = (view, site, runs.today())
    body = _kept.get(asked, lambda: snapshot(view, site).encode())
    headers = {"Content-Security-Policy": "sandbox allow-scripts"}
    return Made(body, "text/html", headers | attachment(file_name(view, "html")))


_of_view: Final = OfView(_made)


async def snapshot_answer(request: Request) -> Response:
    """The file, with a link back to the address that this site was asked at."""
    return await _of_view.answer(request, site=str(request.base_url).rstrip("/"))
