"""The still picture of a view: drawn by the site for that exact state, else the page's own."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Final
from urllib.parse import quote

from kvembed.fetch import NotThere, site
from kvembed.languages import DEFAULT
from kvembed.view import View

SVG: Final = "image/svg+xml"
PNG: Final = "image/png"
_ROUTES: Final = {SVG: "poster.svg", PNG: "card.png"}


@dataclass(frozen=True)
class Poster:
    """A picture, where there is one, which view it is of, and why not of the one asked for."""

    data: bytes | None
    of: View
    problem: str = ""

    def data_url(self) -> str:
        """The picture as part of a page."""
        return data_url(SVG, self.data or b"")


def poster(view: View, server: str, kind: str = SVG) -> Poster:
    """The picture of `view` from the site, else the one that comes with the package.

    The package has none but SVG, and an empty `server` is not asked.
    """
    try:
        if not server:
            raise NotThere("no server is set")
        return Poster(site(server).get(view.resource(server, _ROUTES[kind]), kind), view)
    except NotThere as reason:
        plain = View(view.page, lang=view.lang)
        data = bundled(view.page, view.lang or DEFAULT) if kind == SVG else None
        instead = "the picture of the page" if data else "no picture"
        return Poster(data, plain, f"{reason}: {instead} stands in for this view of {view.page}")


def bundled(page: str, lang: str) -> bytes | None:
    """The picture of a page that comes with the package, if it has one."""
    file = resources.files("kvembed") / "posters" / bundled_name(page, lang)
    return file.read_bytes() if file.is_file() else None


def bundled_name(page: str, lang: str) -> str:
    """The file name of a page's picture: why-not-q.svg in English, why-not-q.zh.svg in Chinese."""
    return f"{page}.svg" if lang == DEFAULT else f"{page}.{lang}.svg"


def data_url(kind: str, data: bytes) -> str:
    """A file of text as an address that holds it.

    Smaller than in base64, and smaller still when a server compresses the page.
    """
    return f"data:{kind};charset=utf-8,{quote(data, safe=' =:/;,().+!-')}"
