"""The site's own figures: canvas components that receive a run once and play it in the browser.

Streamlit serves a component's files only to installed packages, so the manifest that such a
package would carry is registered here by hand. It belongs to the running server and not to this
module: a test harness starts several runtimes in one process, so every mount checks it again.
"""

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

NAMES: Final = ("matrix", "growth", "shelf", "race", "change")

_MANIFEST: Final = ComponentManifest(
    name="kv",
    version="1",
    components=[ComponentConfig(name=name, asset_dir="frontend") for name in NAMES],
)


def renderer(name: str) -> ComponentRenderer:
    """Return what mounts the component `kv.{name}`: frontend/{name}.js with {name}.css.

    Call it inside a script run, each time. ValueError when the name is not registered.
    """
    if name not in NAMES:
        raise ValueError(f"no component named {name!r}: choose one of {', '.join(NAMES)}")
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"kv.{name}") is None:
        manager.register_from_manifest(_MANIFEST, Path(__file__).parent)
    return _component(name)


@cache
def _component(name: str) -> ComponentRenderer:
    return st.components.v2.component(f"kv.{name}", js=f"{name}.js", css=f"{name}.css")
