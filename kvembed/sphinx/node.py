"""The node that stands for a view in a document, and how HTML writes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.builders import Builder
from sphinx.util.osutil import relative_uri

from kvembed import html


class kv_cache(nodes.General, nodes.TextElement, addnodes.translatable):
    """A view and its placement; in HTML its children are the fallback.

    Its text alternative is what translators of a document find of it.
    """

    def preserve_original_messages(self) -> None:
        """Keep the author's words, by which a translation is found."""
        self["written"] = self["placement"].alt

    def extract_original_messages(self) -> list[str]:
        """The author's words, where there are any."""
        return [self["written"]] if self["written"] else []

    def apply_translated_message(self, _original: str, translated: str) -> None:
        """Say it in the reader's language."""
        self["placement"] = replace(self["placement"], alt=translated)


def is_web(builder: Builder) -> bool:
    """Whether what is built is read in a browser, where scripts run."""
    return builder.format == "html" and builder.name != "epub"


def visit_html(self: Any, node: kv_cache) -> None:
    """Open the element, where there is something to show; its children are its fallback."""
    if not is_alive(node):
        return
    recording = ""
    if "recording" in node:
        page = self.builder.get_target_uri(self.builder.current_docname)
        recording = relative_uri(page, node["recording"])
    pairs = html.element_attributes(node["view"], node["placement"], node["server"], recording)
    self.body.append(f"<kv-cache{html.attributes(pairs)}>")


def depart_html(self: Any, node: kv_cache) -> None:
    """Close the element."""
    if is_alive(node):
        self.body.append("</kv-cache>\n")


def is_alive(node: kv_cache) -> bool:
    """Whether there is more to it than a picture: a server, or a snapshot that could be made."""
    return node["placement"].mode == "live" or "recording" in node
