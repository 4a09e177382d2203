"""A line of Markdown becomes a live view, in MkDocs, Material, Zensical and Python-Markdown.

    ::kv-cache{page=why-not-q prompt="The whale" step=4}

A value with a space or any punctuation is a JSON string: `\\"` is a quote and `\\n` a line break in
it. The line stands alone, and inside code it stays text. The one option of the extension, `server`,
is the address of the site.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any, Final
from xml.etree import ElementTree

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor

from kvembed import html
from kvembed.fetch import NotThere
from kvembed.page_of import page_of
from kvembed.placement import Placement, embedding
from kvembed.poster import data_url, poster
from kvembed.snapshot import snapshot
from kvembed.values import server_url
from kvembed.view import View

_LINE: Final = re.compile(r"^ {0,3}(::kv-cache\b.*)$", re.MULTILINE)
_BRACES: Final = re.compile(r"::kv-cache\{(.*)\} *")
_WORD: Final = re.compile(r'\s*([\w-]+)=("(?:[^"\\]|\\.)*"|[^\s"{}]+)(?=\s|$)')


class KvCacheExtension(Extension):
    """The extension as Python-Markdown's configuration has it."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"server": ["", "The address of the site that serves the views"]}
        super().__init__(**kwargs)
        self.lines: list[str] = []
        self.scripts: set[str] = set()

    def extendMarkdown(self, md: Markdown) -> None:
        """Take part in the conversion of `md`."""
        md.registerExtension(self)
        md.preprocessors.register(_Remember(self, md), "kvembed", 35)  # before any line changes
        md.parser.blockprocessors.register(_Line(self, md), "kvembed", 75)  # code is 80
        md.inlinePatterns.register(_Misplaced(self, md), "kvembed", 175)  # inline code is 190
        self.md = md

    def reset(self) -> None:
        """Begin a page."""
        self.lines = []
        self.scripts = set()

    def render(self, line: str) -> str:
        """The HTML of one line; what is wrong with it is in the page, and in the log."""
        try:
            page, options = _read(line)
            view, placement = embedding(page, options)
            server: str = self.getConfig("server")
            if placement.mode == "snapshot":
                return self._recorded(line, view, placement, server and server_url(server))
            if not server:
                raise ValueError("the option server of the extension kvembed is not set")
            return self._live(line, view, placement, server_url(server))
        except ValueError as error:
            self.warn(line, str(error))
            return f'<p class="kv-cache-problem">kv-cache: {html.escape(str(error))}</p>'

    def _live(self, line: str, view: View, placement: Placement, server: str) -> str:
        picture = self._picture(line, view, placement, server)
        script = html.script(server) if self._first("live") else ""
        return f"<div>{html.element(view, placement, server, picture)}{script}</div>"

    def _recorded(self, line: str, view: View, placement: Placement, server: str) -> str:
        picture = self._picture(line, view, placement, server)
        try:
            recording = data_url("text/html", snapshot(view, server).encode())
        except NotThere as reason:
            self.warn(line, f"{reason}: a picture stands in for the snapshot")
            return f"<p>{picture}</p>"
        element = html.element(view, placement, server, picture, recording)
        # No server is needed for it, so the script is in the page too.
        script = html.inline_script() if self._first("recorded") else ""
        return f"<div>{element}{script}</div>"

    def _picture(self, line: str, view: View, placement: Placement, server: str) -> str:
        found = poster(view, server)
        if found.problem and server:
            self.warn(line, found.problem)
        if not found.data:
            return html.linked(view, server, html.escape(html.describe(view, placement)))
        return html.linked(view, server, html.image(found.data_url(), found.of, placement))

    def _first(self, script: str) -> bool:
        """Whether the page does not have this script yet."""
        first = script not in self.scripts
        self.scripts.add(script)
        return first

    def warn(self, line: str, message: str) -> None:
        """Say where a line stands and what is wrong with it."""
        numbers = [str(i) for i, text in enumerate(self.lines, start=1) if line in text]
        where = ", ".join(filter(None, [page_of(self.md), f"line {' or '.join(numbers)}"]))
        # MkDocs counts the warnings of its own loggers when it is strict, and shows no others.
        host = "mkdocs.kvembed" if "mkdocs" in sys.modules else "kvembed"
        logging.getLogger(host).warning("%s, %s: %s", where, line, message)


class _Remember(Preprocessor):
    """Keeps the lines of the page, for their numbers."""

    def __init__(self, extension: KvCacheExtension, md: Markdown) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        self.extension.lines = lines
        return lines


class _Line(BlockProcessor):
    """Replaces the line by what it stands for; what is around it stays Markdown."""

    def __init__(self, extension: KvCacheExtension, md: Markdown) -> None:
        super().__init__(md.parser)
        self.extension = extension
        self.stash = md.htmlStash

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return bool(_LINE.search(block))

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        found = _LINE.search(block)
        assert found
        before, after = block[: found.start()].rstrip("\n"), block[found.end() :].lstrip("\n")
        if before:
            self.parser.parseBlocks(parent, [before])
        place = ElementTree.SubElement(parent, "p")
        place.text = self.stash.store(self.extension.render(found[1].strip()))
        if after:
            blocks.insert(0, after)


class _Misplaced(InlineProcessor):
    """Warns of a view inside a line or a cell, which stays text. Code never comes here."""

    def __init__(self, extension: KvCacheExtension, md: Markdown) -> None:
        super().__init__(r"::kv-cache\{[^\n]*?\}", md)
        self.extension = extension

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[None, None, None]:  # type: ignore[override]
        self.extension.warn(m[0], "stays text, because it does not stand alone on a line")
        return None, None, None


def _read(line: str) -> tuple[str, dict[str, str]]:
    """The page and the options of a line."""
    found = _BRACES.fullmatch(line)
    if not found:
        raise ValueError('write it as ::kv-cache{page=why-not-q prompt="…"}, on one line')
    words, position = {}, 0
    inside = found[1].rstrip()
    while position < len(inside):
        word = _WORD.match(inside, position)
        if not word:
            raise ValueError(f'{inside[position:].strip()!r} is not a word like step=4 or alt="…"')
        name, value = word.groups()
        if name in words:
            raise ValueError(f"{name} is there twice")
        words[name] = _plain(name, value)
        position = word.end()
    return words.pop("page", ""), words


def _plain(name: str, value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError as error:
        raise ValueError(f"{name}={value} has a backslash of its own: write two") from error


def makeExtension(**kwargs: Any) -> KvCacheExtension:
    """Make the extension from its module's name, which Python-Markdown takes too."""
    return KvCacheExtension(**kwargs)
