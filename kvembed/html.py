"""The HTML that puts a view into a page. Whatever an author or a visitor wrote is escaped."""

from __future__ import annotations

import html
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
    source = poster or view.resource(server, "poster.svg")
    return f"<kv-cache{tag}>{picture(view, placement, server, source)}</kv-cache>"


def picture(view: View, placement: Placement, server: str, source: str | None) -> str:
    """What a reader sees without scripts, server or network: a picture, linked to the view.

    Without a `source` there is text in its place, and without a `server` there is no link.
    """
    text = describe(view, placement)
    pairs = {"src": source or "", "alt": text, "loading": "lazy"}
    shown = f"<img{attributes(pairs)}>" if source else escape(text)
    return f"<a{attributes({'href': view.url(server)})}>{shown}</a>" if server else shown


def script(server: str) -> str:
    """The script that brings the elements of a page to life. It does nothing a second time."""
    return f'<script type="module" src="{escape(server_url(server))}/embed.js"></script>'


def frame(view: View, placement: Placement, server: str) -> str:
    """The view in a plain iframe, for hosts that take no script."""
    pairs = {
        "src": view.url(server, embed=True),
        "title": describe(view, placement),
        "width": "100%",
        "height": _pixels(placement),
        "style": "border:0",
        "loading": "lazy",
        "allow": "fullscreen; clipboard-write",
        "referrerpolicy": _REFERRER,
    }
    return f"<iframe{attributes(pairs)}></iframe>"


def recording(view: View, placement: Placement, source: Mapping[str, str]) -> str:
    """A snapshot in an iframe that can reach nothing: `source` is its `src` or its `srcdoc`.

    A whole document is escaped no more than HTML asks for, which keeps it small.
    """
    document = "".join(f' {name}="{html.escape(text)}"' for name, text in source.items())
    pairs = {
        "title": describe(view, placement),
        "width": "100%",
        "height": _pixels(placement),
        "style": "border:0",
        "loading": "lazy",
        "sandbox": "allow-scripts",
    }
    return f"<iframe{document}{attributes(pairs)}></iframe>"


def _pixels(placement: Placement) -> str:
    return str(FRAME_HEIGHT if placement.height == AUTO else placement.height)
