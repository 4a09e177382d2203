"""Build the documentation, with warnings as errors: `make docs`.

The site that it shows draws its pictures. KVEMBED_SERVER is the address of that site, without it
http://localhost:8501. If nobody answers there and it is an address of this machine, the site is
started for as long as the build takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import urlopen

ROOT: Final = Path(__file__).parents[1]
READY: Final = 120.0  # seconds


def main(target: str = "docs/_build/html") -> int:
    """Write the pages into the folder `target`; return the exit status of Sphinx."""
    server = os.environ.setdefault("KVEMBED_SERVER", "http://localhost:8501")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    with answering(server):
        status = subprocess.run([*command, "docs", target], cwd=ROOT, check=False)
    return status.returncode


@contextmanager
def answering(server: str) -> Iterator[None]:
    """The site at `server`, started here if it can be and has to be."""
    address = urlsplit(server)
    if _ready(server) or address.hostname not in ("localhost", "127.0.0.1"):
        yield
        return
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = [f"--server.port={address.port or 80}", "--server.address=127.0.0.1"]
    site = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY
        while not _ready(server) and time.monotonic() < deadline and site.poll() is None:
            time.sleep(0.3)
        yield
    finally:
        site.terminate()
        site.wait(10)


def _ready(server: str) -> bool:
    try:
        with urlopen(f"{server}/healthz", timeout=5):
            return True
    except OSError:  # nobody listens yet, or the model is not ready: status 503
        return False


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
