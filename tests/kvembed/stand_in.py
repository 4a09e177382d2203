"""A site that answers what a build asks for, on a port of its own."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "/poster.svg": ("image/svg+xml", "<svg><title>“_床前_” #%20 & '*'".encode()),
    "/card.png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "/snapshot": ("text/html; charset=utf-8", "<!doctype html><p>“1 < 2” & 床前".encode()),
}


class StillSite(ThreadingHTTPServer):
    """Its address, what it was asked, and what it answers: a media type and bytes by path.

    Where it refuses, its answers are those of a status of 400.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.answers = dict(ANSWERS)
        self.refuses = False


class _Answer(BaseHTTPRequestHandler):
    server: StillSite

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        kind, body = self.server.answers.get(self.path.split("?")[0], ("", b""))
        self.send_response((400 if self.server.refuses else 200) if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        if self.path.startswith("/snapshot"):
            self.send_header("Content-Disposition", 'attachment; filename="growth.html"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
