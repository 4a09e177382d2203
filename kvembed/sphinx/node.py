"""The node that stands for a view in a document, and how HTML writes it."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.builders import Builder
from sphinx.util.osutil import relative_uri

from kvembed import html


class kv_cache(nodes.General, nodes.TextElement):
    """A view and its placement; in HTML its children are the fallback."""


def is_web(builder: Builder) -> bool:
    """Whether what is built is read in a browser, where scripts run."""
    return builder.format == "html" and builder.name != "epub"


def visit_html(self: Any, node: kv_cache) -> None:
    """Open the element; its children are its fallback. A snapshot is an iframe instead."""
    view, placement = node["view"], node["placement"]
    if "recording" in node:
        page = self.builder.get_target_uri(self.builder.current_docname)
        source = {"src": relative_uri(page, node["recording"])}
        self.body.append(f"<div>{html.recording(view, placement, source)}</div>\n")
        raise nodes.SkipNode
    if placement.mode == "live":
        tag = html.attributes(html.element_attributes(view, placement, node["server"]))
        self.body.append(f"<kv-cache{tag}>")


def depart_html(self: Any, node: kv_cache) -> None:
    """Close the element."""
    if node["placement"].mode == "live":
        self.body.append("</kv-cache>\n")
