"""The plugin as one file: `pip install https://the-site/kvembed.zip`, of the version it speaks."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import kvembed

FOLDER = Path(kvembed.__file__).parent


async def answer(_request: Request) -> Response:
    """The source of kvembed, which pip builds by itself."""
    return Response(archive(), media_type="application/zip")


@cache
def archive() -> bytes:
    """Every file of the package in one folder, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(FOLDER.rglob("*")):
            name = path.relative_to(FOLDER.parent)
            built = {"__pycache__", "build"} & set(name.parts) or ".egg-info" in str(name)
            if path.is_file() and not built:
                file.writestr(zipfile.ZipInfo(name.as_posix()), path.read_bytes())
    return packed.getvalue()
