"""Components of one folder, served to the browser without an installed package.

Streamlit serves a component's files only to installed packages, so the manifest that such a
package would carry is registered by hand. It belongs to the running server and not to a module: a
test harness starts several runtimes in one process, so every mount checks it again.
"""

from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

FOLDER: Final = "frontend"


class Family:
    """The component NAME.MEMBER is frontend/MEMBER.js beside `home`, with MEMBER.css if styled."""

    def __init__(self, name: str, home: Path, members: tuple[str, ...], *, styled: bool) -> None:
        self.name = name
        self._home = home
        self._members = members
        self._styled = styled
        self._mounts: dict[str, ComponentRenderer] = {}

    def renderer(self, member: str) -> ComponentRenderer:
        """What mounts a member. Call it inside a script run, each time.

        ValueError when there is no such member.
        """
        if member not in self._members:
            names = ", ".join(self._members)
            raise ValueError(f"no component named {member!r}: choose one of {names}")
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(f"{self.name}.{member}") is None:
            configs = [ComponentConfig(name=each, asset_dir=FOLDER) for each in self._members]
            manifest = ComponentManifest(name=self.name, version="1", components=configs)
            manager.register_from_manifest(manifest, self._home)
        if member not in self._mounts:
            self._mounts[member] = st.components.v2.component(
                f"{self.name}.{member}",
                js=f"{member}.js",
                css=f"{member}.css" if self._styled else None,
            )
        return self._mounts[member]
