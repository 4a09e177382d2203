"""The setup of a site, done once, before a line of `kvembed.snippet` works in its pages.

Like the snippets, the site's share dialog and the documentation take it from here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from kvembed.install import FOLDERS
from kvembed.snippet import FORMATS
from kvembed.values import server_url


def preparation(format: str, server: str) -> str:
    """Commands and lines of configuration; empty where the snippet needs nothing.

    Raises ValueError for a format that there is not and for a `server` that is no address.
    """
    if format not in FORMATS:
        raise ValueError(f"format={format!r} is not one of {', '.join(FORMATS)}")
    server = server_url(server)
    return _NEEDED[format](server) if format in _NEEDED else ""


def _install(server: str) -> str:
    # From the site itself: the plugin that speaks its version of the contract.
    return f"pip install {server}/kvembed.zip"


def _sphinx(server: str) -> str:
    return (
        f"{_install(server)}\n\n# conf.py\n"
        f'extensions = ["kvembed.sphinx"]\nkvembed_server = {json.dumps(server)}'
    )


def _markdown(server: str) -> str:
    return (
        f"{_install(server)}\n\n# mkdocs.yml\n"
        f"markdown_extensions:\n  - kvembed:\n      server: {json.dumps(server)}"
    )


def _myst(server: str) -> str:
    return (
        f"{_install(server)}\nkvembed install myst --server {server}\n\n# myst.yml\n"
        f"project:\n  plugins:\n    - {FOLDERS['myst']}/plugin.mjs"
    )


def _quarto(server: str) -> str:
    return f"{_install(server)}\nkvembed install quarto --server {server}"


def _mdx(server: str) -> str:
    script = json.dumps(f"{server}/embed.js")
    return f'// docusaurus.config.js\nscripts: [{{ src: {script}, type: "module" }}],'


_NEEDED: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "sphinx": _sphinx,
        "markdown": _markdown,
        "myst": _myst,
        "quarto": _quarto,
        "mdx": _mdx,
    }
)
