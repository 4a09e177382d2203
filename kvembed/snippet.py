"""A snippet to paste into an author's page: one view in the syntax of each host.

The site's share dialog and `python -m kvembed snippet` both take it from here. A host whose
configuration names the server gets a snippet without it: that is `server` in each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from kvembed import html
from kvembed.placement import Placement
from kvembed.quoting import if_needed, percent, quoted
from kvembed.view import View


def snippet(view: View, format: str, server: str, placement: Placement | None = None) -> str:
    """`view` as an author of `format` writes it, without a line break at its end.

    Raises ValueError for a format that is not in `FORMATS` and for a `server` that is no address.
    """
    if format not in FORMATS:
        raise ValueError(f"format={format!r} is not one of {', '.join(FORMATS)}")
    return FORMATS[format](view, placement or Placement(), server)


def _options(view: View, placement: Placement) -> dict[str, str]:
    return view.query() | placement.options()


def _sphinx(view: View, placement: Placement, _server: str) -> str:
    lines = [f"   :{name}: {if_needed(value)}" for name, value in _options(view, placement).items()]
    return "\n".join([f".. kv-cache:: {view.page}", *lines])


def _myst(view: View, placement: Placement, _server: str) -> str:
    # Quoted whether needed or not: one MyST reads options as YAML, the other as they stand.
    lines = [f":{name}: {quoted(value)}" for name, value in _options(view, placement).items()]
    return "\n".join([f"```{{kv-cache}} {view.page}", *lines, "```"])


def _markdown(view: View, placement: Placement, _server: str) -> str:
    options = {name: quoted(value) for name, value in _options(view, placement).items()}
    return "::kv-cache{" + _words({"page": view.page, **options}) + "}"


def _quarto(view: View, placement: Placement, _server: str) -> str:
    options = {name: f'"{percent(text)}"' for name, text in _options(view, placement).items()}
    return "{{< kv-cache " + " ".join(filter(None, [view.page, _words(options)])) + " >}}"


def _mdx(view: View, placement: Placement, server: str) -> str:
    pairs = html.element_attributes(view, placement, server)
    tag = _words({name: f"{{{quoted(value)}}}" for name, value in pairs.items()})
    link, picture = quoted(view.url(server)), quoted(view.resource(server, "poster.svg"))
    words = quoted(html.describe(view, placement))
    image = f'<img src={{{picture}}} alt={{{words}}} loading="lazy" />'
    return f"<kv-cache {tag}><a href={{{link}}}>{image}</a></kv-cache>"


def _iframe(view: View, placement: Placement, server: str) -> str:
    return html.frame(view, placement, server)


def _element(view: View, placement: Placement, server: str) -> str:
    return f"{html.script(server)}\n{html.element(view, placement, server)}"


def _words(pairs: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in pairs.items())


FORMATS: Final[Mapping[str, Callable[[View, Placement, str], str]]] = MappingProxyType(
    {
        "sphinx": _sphinx,
        "markdown": _markdown,
        "myst": _myst,
        "quarto": _quarto,
        "mdx": _mdx,
        "iframe": _iframe,
        "element": _element,
    }
)

# The formats by the names that authors know, in the order in which they are offered.
HOSTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "element": "HTML",
        "sphinx": "Sphinx, Jupyter Book 1",
        "markdown": "MkDocs, Material, Zensical",
        "myst": "MyST, Jupyter Book 2",
        "quarto": "Quarto",
        "mdx": "Docusaurus (MDX)",
        "iframe": "Moodle, Canvas (iframe)",
    }
)
