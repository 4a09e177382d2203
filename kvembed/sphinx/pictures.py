"""The stand-ins for a live view: pictures, addresses and snapshots, made when a page is built."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from kvembed import html
from kvembed.fetch import NotThere
from kvembed.languages import LANGUAGES
from kvembed.poster import PNG, SVG, poster
from kvembed.snapshot import snapshot
from kvembed.sphinx.node import is_web, kv_cache
from kvembed.view import View

_log: Final = logging.getLogger(__name__)


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give every view its fallback, and leave nothing to writers that do not know its node."""
    if app.builder.name == "gettext":  # it reads what authors wrote, and writes no document
        return
    stand_ins = StandIns(app, docname)
    for node in list(doctree.findall(kv_cache)):
        if not is_web(app.builder):
            node.replace_self(stand_ins.printed(node))
            continue
        node.append(stand_ins.linked(node, stand_ins.image(node)))
        if node["placement"].mode == "snapshot":
            stand_ins.record(node)


class StandIns:
    """Makes them for one document."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.app = app
        self.docname = docname
        self.lang = app.config.language[:2]

    def printed(self, node: kv_cache) -> nodes.paragraph:
        """A picture where the output has any, and the address in full.

        The picture is no link: writers for paper print the address of each.
        """
        image = self.image(node)
        paragraph = nodes.paragraph()
        if image:
            paragraph += [image, nodes.Text(" ")]
        if node["server"]:
            address = node["view"].url(node["server"])
            paragraph += [] if image else [nodes.Text(self._text(node) + ": ")]
            paragraph += nodes.reference("", address, refuri=address)
        elif not image:
            paragraph += nodes.Text(self._text(node))
        return paragraph

    def linked(self, node: kv_cache, image: nodes.image | None) -> nodes.Node:
        """The picture, or text, linked to the view where there is a server."""
        shown = image or nodes.inline(self._text(node), self._text(node))
        if not node["server"]:
            return shown
        return nodes.reference("", "", shown, refuri=node["view"].url(node["server"]))

    def image(self, node: kv_cache) -> nodes.image | None:
        """The picture of the view, in a kind that this output can show."""
        shows = self.app.builder.supported_image_types
        kind = next((kind for kind in (SVG, PNG) if kind in shows), None)
        if kind is None:
            return None
        found = poster(self._pictured(node), node["server"], kind)
        if found.problem and node["server"]:
            self._warn(node, found.problem)
        if found.data is None:
            return None
        suffix = {SVG: ".svg", PNG: ".png"}[kind]
        file = str(_write(Path(self.app.doctreedir) / "kvembed", found.data, suffix))
        self.app.env.images.add_file(self.docname, file)
        alt = html.describe(found.of, node["placement"])
        # The picture has both themes in it. PyData's would put it on white where it is dark.
        return nodes.image(uri=file, candidates={kind: file}, alt=alt, classes=["dark-light"])

    def record(self, node: kv_cache) -> None:
        """Put the snapshot of a view into the site, and its place into the node."""
        try:
            document = snapshot(node["view"], node["server"]).encode()
        except NotThere as reason:
            self._warn(node, f"{reason}: a picture stands in for the snapshot")
            return
        static = Path(self.app.outdir) / "_static"
        file = _write(static / "kvembed", document, ".html")
        node["recording"] = f"_static/kvembed/{file.name}"

    def _text(self, node: kv_cache) -> str:
        return html.describe(self._pictured(node), node["placement"])

    def _pictured(self, node: kv_cache) -> View:
        """The view in a language of its own: a picture cannot ask its reader for one."""
        view: View = node["view"]
        return replace(view, lang=view.lang or (self.lang if self.lang in LANGUAGES else None))

    def _warn(self, node: kv_cache, text: str) -> None:
        message = "kv-cache: %s"
        _log.warning(message, text, location=node, type="kvembed", subtype="fallback", once=True)


def _write(folder: Path, data: bytes, suffix: str) -> Path:
    file = folder / (hashlib.sha256(data).hexdigest()[:16] + suffix)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file
