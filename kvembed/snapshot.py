"""The recording of a view in one HTML file, which needs no server once the page is built."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from kvembed.fetch import NotThere, site
from kvembed.view import View

HTML: Final = "text/html"
TIMEOUT: Final = 300.0  # seconds; a large model has to be loaded first


def snapshot(view: View, server: str) -> str:
    """One self-contained HTML document with the figure of `view` and its numbers.

    The site makes it. Where none is set or it does not answer, kvcore does, if it is installed
    beside this package. Raises NotThere, with the reason, when neither can.
    """
    try:
        if not server:
            raise NotThere("no server is set")
        url = view.resource(server, "snapshot")
        return site(server).get(url, HTML, attached=True).decode()
    except NotThere as reason:
        if find_spec("kvcore") is None:
            raise NotThere(f"{reason}, and kvcore is not installed here") from reason
        return _local(view)


@lru_cache(maxsize=64)
def _local(view: View) -> str:
    """Made by kvcore in a process of its own: this package never loads a model.

    Kept, since a page that is being written is built again and again.
    """
    options = [f"--{name}={value}" for name, value in view.query().items()]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot.html"
        made = [sys.executable, "-m", "kvcore", "snapshot", view.page, *options, "-o", str(file)]
        try:
            subprocess.run(made, check=True, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise NotThere(f"kvcore could not make the snapshot: {last}") from error
        except subprocess.TimeoutExpired as error:
            raise NotThere(f"kvcore took more than {TIMEOUT:.0f} s for a snapshot") from error
        return file.read_text(encoding="utf-8")
