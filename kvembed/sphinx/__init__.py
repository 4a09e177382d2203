"""The directive `kv-cache` for Sphinx and Jupyter Book 1, in reStructuredText and MyST.

    extensions = ["kvembed.sphinx"]
    kvembed_server = "https://kv.example.org"

    .. kv-cache:: why-not-q
       :prompt: The whale
       :step: 4

In HTML it is the custom element, alive where its script runs. Every other output has a picture, or
a sentence, with the address. What is wrong with a directive is a warning with its file and line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from kvembed.script import element_script
from kvembed.sphinx.directive import KvCache
from kvembed.sphinx.node import depart_html, is_alive, is_web, kv_cache, visit_html
from kvembed.sphinx.pictures import fill

_SCRIPT: Final = "kvembed/embed.js"


def _copy_script(app: Sphinx) -> None:
    """Ship the element's script with the site, so that it works where the server is down."""
    if is_web(app.builder):
        target = Path(app.outdir) / "_static" / _SCRIPT
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(element_script())


def _add_script(
    app: Sphinx,
    _page: str,
    _template: str,
    _context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Only a page that has something to show loads the script."""
    if doctree and any(map(is_alive, doctree.findall(kv_cache))):
        # No module: browsers run none in a page that was opened from a disk.
        app.add_js_file(_SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> ExtensionMetadata:
    """The extension's entry point for Sphinx."""
    app.add_config_value("kvembed_server", "", "env", types=(str,))
    app.add_node(kv_cache, html=(visit_html, depart_html))
    app.add_directive("kv-cache", KvCache)
    app.connect("doctree-resolved", fill)
    app.connect("builder-inited", _copy_script)
    app.connect("html-page-context", _add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
