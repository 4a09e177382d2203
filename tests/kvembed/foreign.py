"""Hosts that are not written in Python: MyST and MDX on Node, Quarto's part of pandoc."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mystmd_py
import pypandoc
import pytest

from kvembed.install import FOLDERS, install

HERE = Path(__file__).parent
NODE = HERE / "node"


def need_node(folder: Path = NODE) -> None:
    """Skip where there is no Node, unless this is continuous integration, which has to have it."""
    if shutil.which("node") and (folder / "node_modules").is_dir():
        return
    reason = f"no Node here, or `npm ci` was not run in {folder} (make does both)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def mdx(pages: Sequence[str]) -> list[str]:
    """Each page of MDX as the HTML that a server would send."""
    need_node()
    rendered: list[str] = json.loads(run(["node", "mdx.mjs"], NODE, json.dumps(pages)).stdout)
    return rendered


class Myst:
    """A MyST project in a folder, with the plugin in it."""

    def __init__(self, folder: Path, server: str) -> None:
        need_node()
        self.folder = folder
        install("myst", folder, server)
        theme = folder / "theme"  # the real one is fetched when a site is built
        theme.mkdir(parents=True)
        (theme / "template.yml").write_text("jtex: v1\nbuild: {install: 'true'}\n")
        plugin = f"{FOLDERS['myst']}/plugin.mjs"
        project = f"project:\n  plugins: [{plugin}]\nsite:\n  template: ./theme\n"
        (folder / "myst.yml").write_text(f"version: 1\n{project}")
        self.said = ""

    def write(self, name: str, text: str) -> None:
        """A page of the project."""
        path = self.folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    def build(self, *arguments: str) -> None:
        """`myst build`, for the site or with other arguments; what it said is in `said`."""
        myst = Path(mystmd_py.__file__).with_name("myst.cjs")  # its wrapper wants a newer Node
        command = ["node", str(myst), "build", *(arguments or ("--site",)), "--ci"]
        # It would ask the package index for a newer version of itself.
        made = run(command, self.folder, more={"npm_config_registry": "file:///nowhere/"})
        self.said = made.stdout + made.stderr

    def nodes(self, name: str, type: str) -> list[dict[str, Any]]:
        """The nodes of a type in the tree that the site's theme gets of a page."""
        page = self.folder / "_build" / "site" / "content" / f"{name}.json"
        return list(_of_type(json.loads(page.read_text(encoding="utf-8"))["mdast"], type))

    def public(self, url: str) -> bytes:
        """A file that the site serves."""
        return (self.folder / "_build" / "site" / "public" / url.lstrip("/")).read_bytes()


def quarto(text: str, output: str, extension: Path, to: Path | None = None) -> tuple[str, str]:
    """A page of Quarto in another format, and the warnings. `to` is for binary formats."""
    command = [pypandoc.get_pandoc_path(), "-f", str(HERE / "quarto.lua"), "-t", output]
    command += ["--standalone", "--wrap=none", "-o", str(to or "-")]
    made = run(command, extension, text, {"KV_EXTENSION": str(extension), "KV_FORMAT": output})
    return made.stdout, made.stderr


def _of_type(node: dict[str, Any], type: str) -> list[dict[str, Any]]:
    inside = [found for child in node.get("children", []) for found in _of_type(child, type)]
    return ([node] if node["type"] == type else []) + inside


def run(
    command: Sequence[str],
    folder: Path,
    given: str = "",
    more: Mapping[str, str] | None = None,
    seconds: int = 120,
) -> subprocess.CompletedProcess[str]:
    """A command in a folder, which must succeed."""
    made = subprocess.run(
        command,
        cwd=folder,
        input=given,
        env=os.environ | dict(more or {}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return made
