"""The HTML that puts a view into a page. Whatever an author or a visitor wrote is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kvembed.placement import Placement
from kvembed.values import AUTO, server_url
from kvembed.view import View

FRAME_HEIGHT: Final = 720  # of a frame that nothing can resize
_REFERRER: Final = "strict-origin-when-cross-origin"

# More than HTML asks for: these would mean something to Markdown, templates or a line splitter
# before a browser gets to see the attribute.
_SPECIAL: Final = re.compile(r"[&<>\"'`\\\[\]{}*_$~^|\t\n\r\u2028\u2029]")


def escape(text: str) -> str:
    """Text as it can stand in an attribute or between tags, on one line, in any host."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)


def attributes(pairs: Mapping[str, str]) -> str:
    """Attributes of a tag, each with a space before it."""
    return "".join(f' {name}="{escape(value)}"' for name, value in pairs.items())


def describe(view: View, placement: Placement) -> str:
    """The text alternative: the author's own, else the title of the page and the prompt."""
    return placement.alt or view.title() + (f" “{view.prompt}”" if view.prompt else "")


def element_attributes(view: View, placement: Placement, server: str) -> dict[str, str]:
    """The attributes of the custom element `kv-cache`."""
    placed = {name: placement.options().get(name) for name in ("height", "start")}
    pairs = {"page": view.page, **view.query(), **placed, "src": server_url(server)}
    return {name: value for name, value in pairs.items() if value is not None}


def element(view: View, placement: Placement, server: str, poster: str | None = None) -> str:
    """The custom element `kv-cache` with its fallback, a picture and a link, on one line.

    `poster` is the address of the picture; without it, the one that the site draws.
    """
    tag = attributes(element_attributes(view, placement, server))
    return f"<kv-cache{tag}>{fallback(view, placement, server, poster)}</kv-cache>"


def fallback(view: View, placement: Placement, server: str, poster: str | None = None) -> str:
    """What a reader sees without scripts, server or network: a picture that links to the view."""
    image = {
        "src": poster or view.resource(server, "poster.svg"),
        "alt": describe(view, placement),
        "loading": "lazy",
    }
    link = attributes({"href": view.url(server)})
    return f"<a{link}><img{attributes(image)}></a>"


def script(server: str) -> str:
    """The script that brings the elements of a page to life. It does nothing a second time."""
    return f'<script type="module" src="{escape(server_url(server))}/embed.js"></script>'


def frame(view: View, placement: Placement, server: str) -> str:
    """The view in a plain iframe, for hosts that take no script."""
    pairs = {
        "src": view.url(server, embed=True),
        "title": describe(view, placement),
        "width": "100%",
        "height": str(FRAME_HEIGHT if placement.height == AUTO else placement.height),
        "style": "border:0",
        "loading": "lazy",
        "allow": "fullscreen; clipboard-write",
        "referrerpolicy": _REFERRER,
    }
    return f"<iframe{attributes(pairs)}></iframe>"
