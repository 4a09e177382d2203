"""Directives for what the pages take from the code, so that they cannot disagree with it."""

from __future__ import annotations

from html import escape
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from kvembed.languages import DEFAULT
from kvembed.prepare import preparation
from kvembed.snippet import HOSTS, snippet
from kvembed.sphinx.directive import KvCache
from kvembed.sphinx.node import kv_cache
from kvembed.table import table

COPY = {"en": "Copy it for {host}", "zh": "复制 {host} 的写法"}


class Contract(SphinxDirective):
    """`{contract} en`: every parameter, as the contract has it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The table."""
        return self.parse_text_to_nodes(table(self.arguments[0]))


class Lesson(KvCache):
    """`{lesson} why-not-q`: a live view as `kv-cache` has it, and what to copy for each host."""

    def run(self) -> list[nodes.Node]:
        """The view, and below it the snippets, each closed until somebody wants it."""
        made = super().run()
        views = [node for node in made if isinstance(node, kv_cache)]
        return [*made, *(part for view in views for part in _copies(view))]


class Paste(KvCache):
    """`{paste} sphinx why-not-q`: what to paste for one host, and no view."""

    required_arguments = 2
    final_argument_whitespace: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """The snippet as code."""
        host = self.arguments.pop(0)
        return [_code(node, host) if isinstance(node, kv_cache) else node for node in super().run()]


class Prepare(SphinxDirective):
    """`{prepare} sphinx`: what an author does once for a whole site."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The commands and lines of configuration as code."""
        text = preparation(self.arguments[0], self.config.kvembed_server)
        return [nodes.literal_block(text, text, language="text")]


def _code(node: kv_cache, host: str) -> nodes.literal_block:
    text = snippet(node["view"], host, node["server"], node["placement"])
    return nodes.literal_block(text, text, language="text")


def _copies(node: kv_cache) -> list[nodes.Node]:
    words = COPY.get(node["view"].lang or DEFAULT, COPY[DEFAULT])
    parts: list[nodes.Node] = []
    for host, name in HOSTS.items():
        opened = f"<details><summary>{escape(words.format(host=name))}</summary>"
        parts += [nodes.raw("", opened, format="html"), _code(node, host)]
        parts.append(nodes.raw("", "</details>", format="html"))
    return parts


def setup(app: Sphinx) -> ExtensionMetadata:
    """The extension's entry point for Sphinx."""
    app.add_directive("contract", Contract)
    app.add_directive("lesson", Lesson)
    app.add_directive("paste", Paste)
    app.add_directive("prepare", Prepare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
