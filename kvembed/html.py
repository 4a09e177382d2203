"""The HTML that puts a view into a page. Whatever an author or a visitor wrote is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kvembed.placement import Placement
from kvembed.poster import data_url
from kvembed.script import element_script
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


def element_attributes(
    view: View, placement: Placement, server: str, recording: str = ""
) -> dict[str, str]:
    """The attributes of the custom element `kv-cache`.

    With the address of a `recording` it shows that, and needs no `server`.
    """
    options = placement.options()
    placed = {name: text for name, text in options.items() if name in ("height", "start")}
    source = {"src": server_url(server)} if server else {}
    shown = {"recording": recording} if recording else {}
    return {"page": view.page, **view.query(), **placed, **source, **shown}


def element(
    view: View, placement: Placement, server: str, picture: str = "", recording: str = ""
) -> str:
    """The custom element `kv-cache` with its fallback, on one line.

    `picture` is the fallback; without it, the one that the site draws of this view.
    """
    tag = attributes(element_attributes(view, placement, server, recording))
    if not picture:
        picture = linked(view, server, image(view.resource(server, "poster.svg"), view, placement))
    return f"<kv-cache{tag}>{picture}</kv-cache>"


def image(source: str, of: View, placement: Placement) -> str:
    """A picture of a view, with its text alternative."""
    pairs = {"src": source, "alt": describe(of, placement), "loading": "lazy"}
    return f"<img{attributes(pairs)}>"


def linked(view: View, server: str, shown: str) -> str:
    """A view's stand-in without scripts or network, linked to the view where there is a server."""
    return f"<a{attributes({'href': view.url(server)})}>{shown}</a>" if server else shown


def script(server: str) -> str:
    """The script that brings the elements of a page to life. It does nothing a second time."""
    return f'<script type="module" src="{escape(server_url(server))}/embed.js"></script>'


def inline_script() -> str:
    """The same script as part of the page, where there is no server to load it from.

    As an address, since what stands between tags is text to those who index a page for a search.
    """
    return f'<script src="{escape(data_url("text/javascript", element_script()))}"></script>'


def frame(view: View, placement: Placement, server: str, height: int = FRAME_HEIGHT) -> str:
    """The view in a plain iframe, for hosts that take no script.

    `height` in CSS pixels is that of a placement that names none.
    """
    pairs = {
        "src": view.url(server, embed=True),
        "title": describe(view, placement),
        "width": "100%",
        "height": str(height if placement.height == AUTO else placement.height),
        "style": "border:0",
        "loading": "lazy",
        "allow": "fullscreen; clipboard-write",
        "referrerpolicy": _REFERRER,
    }
    return f"<iframe{attributes(pairs)}></iframe>"
