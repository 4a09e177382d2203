"""The requests of a build to the site: pictures and recordings of exact views, or why not."""

from __future__ import annotations

import time
from functools import cache
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TIMEOUT: Final = 20.0  # seconds; a site that was just started loads its model first
PAUSE: Final = 60.0  # seconds in which a site that did not answer is not asked again
MOST_BYTES: Final = 4_000_000
MOST_WORDS: Final = 1_000  # bytes of a sentence


class NotThere(Exception):
    """The site did not give what was asked for; the message says why."""


class Site:
    """One site, asked for things while pages are built."""

    def __init__(self, server: str, timeout: float = TIMEOUT) -> None:
        self.server = server
        self.timeout = timeout
        self._silent: tuple[float, str] | None = None
        self._answers: dict[str, bytes] = {}

    def get(self, url: str, kind: str, *, attached: bool = False) -> bytes:
        """The answer of the address, of the media type `kind`; asked for once in a build.

        Raises NotThere for anything else, and with `attached` for what is no file to be kept: an
        older site answers an address that it does not know with a page. A whole build waits once
        for a site that is silent.
        """
        if url not in self._answers:
            self._answers[url] = self._ask(url, kind, attached)
        return self._answers[url]

    def _ask(self, url: str, kind: str, attached: bool) -> bytes:
        if self._silent and time.monotonic() < self._silent[0] + PAUSE:
            raise NotThere(self._silent[1])
        request = Request(url, headers={"Accept": kind, "User-Agent": "kvembed"})
        try:
            with urlopen(request, timeout=self.timeout) as answer:
                found = answer.headers.get_content_type()
                kept = answer.headers.get_content_disposition() == "attachment"
                data: bytes = answer.read(MOST_BYTES + 1)
        except HTTPError as error:
            said = _sentence(error) or error.reason
            raise NotThere(f"{self.server} answered {error.code}: {said}") from error
        except (OSError, HTTPException) as error:
            said = f"{self.server} does not answer ({getattr(error, 'reason', error)})"
            self._silent = time.monotonic(), said
            raise NotThere(said) from error
        if found != kind or (attached and not kept):
            raise NotThere(f"{self.server} answered with {found}, which is not what was asked for")
        if len(data) > MOST_BYTES:
            raise NotThere(f"{self.server} answered with more than {MOST_BYTES:,} bytes")
        return data


def _sentence(error: HTTPError) -> str:
    """The reason that a site gives for a refusal, in a line of plain text; else nothing."""
    if error.headers.get_content_type() != "text/plain":
        return ""
    try:
        text = error.read(MOST_WORDS).decode(errors="replace")
    except (OSError, HTTPException):
        return ""
    return " ".join(text.split())


@cache
def site(server: str) -> Site:
    """The site at an address: one in a process, so that what it answered is asked for once."""
    return Site(server)
