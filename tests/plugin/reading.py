"""A reader of somebody's site: the pages are served, and a view in them is waited for."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from playwright.sync_api import Frame, Page, expect
from sites import Host

SECONDS = 30_000  # milliseconds, for a frame to be drawn on a busy machine


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


def started(page: Page, n: int = 0) -> Frame:
    """The frame of the n-th view, once it is drawn: a busy machine may need another try."""
    view = page.locator("kv-cache").nth(n)
    frame, again = view.locator(".live iframe"), view.locator(".dead button")
    expect(frame.or_(again)).to_be_visible(timeout=SECONDS)
    if again.is_visible():
        again.click()
    expect(frame).to_be_visible(timeout=SECONDS)
    handle = frame.element_handle()
    found = handle and handle.content_frame()
    assert found
    return found


def shown(prompt: str) -> str:
    """A prompt as the site's field of one line has it."""
    return prompt.replace("\n", " ")
