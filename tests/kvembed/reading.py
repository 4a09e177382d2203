"""A reader of somebody's site: the pages are served, and what is in them read."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from tests.kvembed.sites import Host


class serving:
    """Serves a folder while it lasts; its value is the address."""

    def __init__(self, folder: Path, policy: str = "") -> None:
        self.host = Host(folder, policy)

    def __enter__(self) -> str:
        Thread(target=self.host.serve_forever, args=(0.05,), daemon=True).start()
        return self.host.url

    def __exit__(self, *_: object) -> None:
        self.host.shutdown()
        self.host.server_close()


def shown(prompt: str) -> str:
    """A prompt as the site's field of one line has it."""
    return prompt.replace("\n", " ")
