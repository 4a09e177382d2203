"""Write the state into the browser's address bar, and its language into the page.

Streamlit's own `st.query_params` adds an entry to the browser's history at every write: with text
that is read while it is typed, the back button would undo letters. This replaces the entry.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

_MANIFEST: Final = ComponentManifest(
    name="site",
    version="1",
    components=[ComponentConfig(name="history", asset_dir="frontend")],
)


def replace_address(params: Mapping[str, str], html_lang: str, key: str) -> None:
    """Show `params` in the address bar in place of what is there; other parameters stay."""
    # Several of these can be on a page (one in each fragment), and the browser may run an old one
    # again: the clock tells it which is the newest.
    data = {"params": dict(params), "lang": html_lang, "written": time.time_ns() // 1_000_000}
    with st.container(key=f"unseen_{key}"):
        _renderer()(key=f"address_{key}", data=data, height="content")


def _renderer() -> ComponentRenderer:
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root("site.history") is None:
        manager.register_from_manifest(_MANIFEST, Path(__file__).parent)
    return _component()


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("site.history", js="history.js")
