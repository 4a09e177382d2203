"""Components of one folder, served to the browser without an installed package.

Streamlit serves a component's files only to installed packages, so the manifest that such a
package would carry is registered by hand. It belongs to the running server and not to a module: a
test harness starts several runtimes in one process, so every mount checks it again.
"""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer


class Family:
    """The component NAME.MEMBER is a file of `folder`, with a sheet beside it if styled.

    `members` has for each the path of its file in `folder`, without its suffix.
    """

    def __init__(
        self, name: str, folder: Path, members: Mapping[str, str], *, styled: bool
    ) -> None:
        self.name = name
        self._folder = folder
        self._members = members
        self._styled = styled
        self._mounts: dict[str, ComponentRenderer] = {}

    def renderer(self, member: str) -> ComponentRenderer:
        """The function that mounts a member. Call it inside a script run, each time.

        ValueError when there is no such member.
        """
        if member not in self._members:
            names = ", ".join(self._members)
            raise ValueError(f"no component named {member!r}: choose one of {names}")
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(f"{self.name}.{member}") is None:
            configs = [
                ComponentConfig(name=each, asset_dir=self._folder.name) for each in self._members
            ]
            manifest = ComponentManifest(name=self.name, version="1", components=configs)
            manager.register_from_manifest(manifest, self._folder.parent)
        if member not in self._mounts:
            self._mounts[member] = st.components.v2.component(
                f"{self.name}.{member}",
                js=f"{self._members[member]}.js",
                css=f"{self._members[member]}.css" if self._styled else None,
            )
        return self._mounts[member]
