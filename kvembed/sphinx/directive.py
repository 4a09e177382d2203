"""The directive `kv-cache`, held against the contract."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.parsers.rst.states import RSTState
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from kvembed.placement import embedding
from kvembed.quoting import unquoted
from kvembed.sphinx.node import kv_cache
from kvembed.values import BY_NAME, server_url

_log: Final = logging.getLogger(__name__)


class _AnyOption(dict[str, Any]):
    """Takes every option as text: the contract knows the names, and says them better."""

    def __missing__(self, _name: str) -> Any:
        return directives.unchanged


class KvCache(SphinxDirective):
    """`.. kv-cache:: PAGE`, with the parameters of the contract as options."""

    required_arguments = 1
    has_content = False
    option_spec: ClassVar[Any] = _AnyOption(dict.fromkeys(BY_NAME, directives.unchanged))

    def run(self) -> list[nodes.Node]:
        """A node for the writers, or the sentence that says what is wrong."""
        # MyST has read its options as YAML by now; reStructuredText hands them over as they stand.
        given = unquoted if isinstance(self.state, RSTState) else str
        options = {name: given(text) for name, text in self.options.items()}
        try:
            view, placement = embedding(self.arguments[0], options)
            server = self.config.kvembed_server and server_url(self.config.kvembed_server)
            if not server and placement.mode == "live":
                raise ValueError("kvembed_server is not set in conf.py")
        except ValueError as error:
            _log.warning("kv-cache: %s", error, location=self.get_location(), type="kvembed")
            text = f"kv-cache: {error}"
            return [nodes.paragraph(text, text, classes=["kv-cache-problem"])]
        node = kv_cache(view=view, placement=placement, server=server)
        self.set_source_info(node)
        return [node]
