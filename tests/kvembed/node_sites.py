"""One lesson in real sites of tools that run on Node, set up word for word as docs/ says."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kvembed.prepare import preparation
from kvembed.snippet import snippet
from tests.kvembed.foreign import HERE, need_node, run
from tests.kvembed.sites import FIRST, ROOT, SECOND, write

TOOLS: Final = HERE / "tools"
START: Final = ROOT / "docs" / "start.md"
SECONDS: Final = 600  # Docusaurus builds for one and a half minutes on a busy machine
QUIET: Final = {"ASTRO_TELEMETRY_DISABLED": "1", "DOCUSAURUS_NO_TELEMETRY": "1"}

VITEPRESS = """
export default {{
  themeConfig: {{
    sidebar: [{{ text: "Start", link: "/" }}, {{ text: "Lesson", link: "/lesson" }}],
  }},
  {said}
}}
"""
STARLIGHT = """
import starlight from "@astrojs/starlight"
import {{ defineConfig }} from "astro/config"

export default defineConfig({{
  integrations: [starlight({{
    title: "Lessons",
    sidebar: ["index", "lesson"],
    {said}
  }})],
}})
"""
COLLECTION = """
import { docsLoader } from "@astrojs/starlight/loaders"
import { docsSchema } from "@astrojs/starlight/schema"
import { defineCollection } from "astro:content"

const docs = defineCollection({ loader: docsLoader(), schema: docsSchema() })
export const collections = { docs }
"""
DOCSIFY = """<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="docsify/themes/dark.css">
<div id="app"></div>
<script>window.$docsify = { loadSidebar: true }</script>
<script src="docsify/docsify.js"></script>
"""
DOCUSAURUS = """
module.exports = {{
  title: "Lessons",
  url: "http://localhost",
  baseUrl: "/",
  presets: [["classic", {{ docs: {{ routeBasePath: "/" }}, blog: false }}]],
  {said}
}}
"""


def said(file: str) -> str:
    """The lines that the documentation has for a file of configuration."""
    _, found = START.read_text(encoding="utf-8").split(f"    {file}\n", 1)
    return textwrap.dedent(found.split("\n\n", 1)[0])


def vitepress(folder: Path, server: str) -> Path:
    """The lesson in VitePress, whose pages come without a load."""
    config = VITEPRESS.format(said=_on(server, said("// .vitepress/config.mjs")))
    write(folder, {".vitepress/config.mjs": config, "index.md": "# Lessons\n\nNothing here.\n"})
    write(folder, {"lesson.md": f"# Lesson\n\n{_elements(server)}\n"})
    _build(folder, "vitepress", "build", ".", "--outDir", "site")
    return folder / "site"


def starlight(folder: Path, server: str) -> Path:
    """The lesson in Starlight."""
    config = STARLIGHT.format(
        said=_on(server, said("// astro.config.mjs, inside starlight({ … })"))
    )
    write(folder, {"astro.config.mjs": config, "src/content.config.mjs": COLLECTION})
    pages = {"index": ("Lessons", "Nothing here."), "lesson": ("Lesson", _elements(server))}
    for name, (title, text) in pages.items():
        front = f"---\ntitle: {title}\n---\n\n"
        write(folder, {f"src/content/docs/{name}.md": f"{front}{text}\n"})
    _build(folder, "astro", "build", "--outDir", "site")
    return folder / "site"


def docsify(folder: Path, server: str) -> Path:
    """The lesson in Docsify, which needs no build: the browser reads the Markdown."""
    _prepare(folder)
    index = DOCSIFY + _on(server, said("<!-- index.html of Docsify -->"))
    write(folder, {"index.html": index, "README.md": "# Lessons\n\nNothing here.\n"})
    write(folder, {"_sidebar.md": "- [Start](/)\n- [Lesson](/lesson)\n"})
    write(folder, {"lesson.md": f"# Lesson\n\n{_elements(server)}\n"})
    package = TOOLS / "node_modules" / "docsify"
    shutil.copytree(package / "themes", folder / "docsify" / "themes")
    shutil.copy(package / "lib" / "docsify.min.js", folder / "docsify" / "docsify.js")
    return folder


def docusaurus(folder: Path, server: str) -> Path:
    """The lesson in Docusaurus, whose pages come without a load."""
    _docusaurus(folder, server)
    _build(folder, "docusaurus", "build", "--out-dir", "site")
    return folder / "site"


@contextmanager
def docusaurus_start(folder: Path, server: str) -> Iterator[str]:
    """The address of the same site as its author sees it while writing."""
    _docusaurus(folder, server)
    _prepare(folder)
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [_tool("docusaurus"), "start", "--no-open", f"--port={port}", "--host=localhost"]
    log = folder / "start.log"
    with log.open("wb") as heard:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | QUIET, stdout=heard, stderr=heard
        )
    try:
        deadline = time.monotonic() + SECONDS
        while "compiled successfully" not in (told := log.read_text("utf-8", "replace")):
            assert process.poll() is None and time.monotonic() < deadline, told
            time.sleep(0.5)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(30)


BUILDERS: Final[Mapping[str, Callable[[Path, str], Path]]] = {
    "vitepress": vitepress,
    "starlight": starlight,
    "docsify": docsify,
    "docusaurus": docusaurus,
}


def _docusaurus(folder: Path, server: str) -> None:
    _, configured = preparation("mdx", server).split("// docusaurus.config.js\n")
    config = DOCUSAURUS.format(said=configured)
    write(folder, {"docusaurus.config.js": config, "docs/index.md": "# Lessons\n\nNothing here.\n"})
    both = "\n\n".join(snippet(view, "mdx", server) for view in (FIRST, SECOND))
    write(folder, {"docs/lesson.mdx": f"# Lesson\n\n{both}\n"})


def _elements(server: str) -> str:
    """Both views as the documentation says: the element without its script."""
    views = (snippet(view, "element", server).splitlines()[1] for view in (FIRST, SECOND))
    return "\n\n".join(views)


def _on(server: str, lines: str) -> str:
    return lines.replace("https://kv.example.org", server)


def _prepare(folder: Path) -> None:
    need_node(TOOLS)
    write(folder, {"package.json": json.dumps({"private": True})})
    folder.joinpath("node_modules").symlink_to(TOOLS / "node_modules")


def _tool(name: str) -> str:
    return str(TOOLS / "node_modules" / ".bin" / name)


def _build(folder: Path, name: str, *arguments: str) -> None:
    _prepare(folder)
    run([_tool(name), *arguments], folder, more=QUIET, seconds=SECONDS)
