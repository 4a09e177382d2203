"""A page of a site that is not ours, with <kv-cache> elements in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kvembed.script import element_script

Host = Callable[..., str]

PROMPT = "The old man and the"
FALLBACK = '<a href="/"><img alt="A matrix" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></a>'


class Lesson(ThreadingHTTPServer):
    """Answers every path with the page, but for those in `files`; and sends its policy along."""

    html = ""
    policy = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.url = f"http://localhost:{self.server_port}/"
        self.files = {"/embed.js": ("text/javascript", element_script().decode())}

    def show(self, body: str, policy: str = "", lang: str = "en") -> str:
        """Make it the page; return its address."""
        self.policy = policy
        self.html = f'<!doctype html><html lang="{lang}"><title>A lesson</title>{body}'
        return self.url


class _Answer(BaseHTTPRequestHandler):
    server: Lesson

    def do_GET(self) -> None:
        kind, text = self.server.files.get(self.path.split("?")[0], ("text/html", self.server.html))
        self.send_response(204 if self.path == "/favicon.ico" else 200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        with suppress(ConnectionError):  # who asked may have left the page
            self.wfile.write(text.encode())

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def element(site: str, fallback: str = FALLBACK, **attributes: str) -> str:
    """The element as an author writes it, of one view unless attributes say another."""
    asked = {"page": "why-not-q", "prompt": PROMPT, "step": "4", "src": site} | attributes
    pairs = "".join(f' {name}="{value}"' for name, value in asked.items())
    return f"<kv-cache{pairs}>{fallback}</kv-cache>"
