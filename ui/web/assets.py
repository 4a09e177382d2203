"""Streamlit's scripts and styles, compressed once and kept.

Streamlit sends them as they are, 7.9 MB for a first visit, because compressing them at every
request costs more than it saves. They never change while a server runs, so once is enough.
"""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.file_util import get_static_dir

_SUFFIXES: Final = (".js", ".css", ".svg", ".json")
_SMALLEST: Final = 1000  # bytes
_HEADERS: Final = {
    "Content-Encoding": "gzip",
    "Cache-Control": "public, immutable, max-age=31536000",  # their names carry a hash
    "Vary": "Accept-Encoding",
}


class CompressedAssets:
    """Answers requests for Streamlit's own assets with a compressed copy, where one is welcome."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        root = Path(get_static_dir())
        self.files = {
            f"/{path.relative_to(root).as_posix()}": path
            for path in (root / "static").rglob("*")
            if path.suffix in _SUFFIXES and path.stat().st_size >= _SMALLEST
        }
        self.kept: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve from the list of known files only, so no path can lead anywhere else."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        path = self.files.get(scope.get("path", ""))
        welcome = "gzip" in headers.get("accept-encoding", "") and "range" not in headers
        if path is None or not welcome or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        body = self.kept.get(scope["path"])
        if body is None:
            body = await asyncio.to_thread(_compressed, path)
            self.kept[scope["path"]] = body
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if path.suffix == ".js":
            media_type = "text/javascript"  # whatever this machine's table of types says
        await Response(body, headers=_HEADERS, media_type=media_type)(scope, receive, send)


def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)
