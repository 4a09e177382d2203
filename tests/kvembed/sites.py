"""One lesson in real documentation sites, each built by its own tool and served by another host."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from kvembed.snippet import snippet
from kvembed.view import View

ROOT = Path(__file__).parents[2]

# What means something to HTML, Markdown, reStructuredText, YAML and templates, in one prompt.
PROMPT: Final = (
    'He said: "a <b> & {{ x }} `c` *d* \\\\n"\n床前明月光 🐋 it\'s # 100% $x$ :e: [f](g)'
)
FIRST: Final = View("why-not-q", PROMPT, layer=2, head=1, step=4)
SECOND: Final = View("growth", "床前明月光", step=2, lang="zh")

DARK: Final = "rgb(21, 23, 26)"  # the background of our own pages where it is dark

FURO = """
project, extensions, html_theme = "Lessons", ["kvembed.sphinx", "myst_parser"], {theme!r}
kvembed_server = {server!r}
"""
MATERIAL = """
site_name: Lessons
theme:
  name: material
  font: false
  features: [navigation.instant]
  palette:
    - {{scheme: default, toggle: {{icon: material/brightness-7, name: Go dark}}}}
    - {{scheme: slate, toggle: {{icon: material/brightness-4, name: Go light}}}}
markdown_extensions:
  - kvembed.markdown:
      server: {server}
"""
ZENSICAL = """
[project]
site_name = "Lessons"
[project.theme]
font = false
features = ["navigation.instant"]
[[project.theme.palette]]
scheme = "default"
toggle.icon = "lucide/sun"
toggle.name = "Go dark"
[[project.theme.palette]]
scheme = "slate"
toggle.icon = "lucide/moon"
toggle.name = "Go light"
[project.markdown_extensions."kvembed.markdown"]
server = "{server}"
"""


def sphinx(folder: Path, server: str, theme: str = "furo") -> Path:
    """The lesson in reStructuredText, and another one in MyST."""
    write(folder, {"conf.py": FURO.format(server=server, theme=theme)})
    both = f"{snippet(FIRST, 'sphinx', server)}\n\n{snippet(SECOND, 'sphinx', server)}"
    toc = "Lessons\n=======\n\nNothing here.\n\n.. toctree::\n\n   lesson\n   myst\n"
    write(folder, {"index.rst": toc, "lesson.rst": f"Lesson\n======\n\n{both}\n"})
    write(folder, {"myst.md": f"# Lesson in MyST\n\n{snippet(FIRST, 'myst', server)}\n"})
    _run(folder, "sphinx", "-W", "-q", "-b", "html", ".", "site")
    return folder / "site"


def mkdocs(folder: Path, server: str, config: str, pages: Mapping[str, str]) -> Path:
    """Pages in MkDocs, with any theme."""
    write(folder, {"mkdocs.yml": config.format(server=server)} | pages)
    _run(folder, "mkdocs", "build", "--strict")
    return folder / "site"


def material(folder: Path, server: str) -> Path:
    """The lesson in MkDocs with Material, whose pages come without a load."""
    return mkdocs(folder, server, MATERIAL, _markdown(server))


def zensical(folder: Path, server: str, pages: Mapping[str, str] | None = None) -> Path:
    """The lesson in Zensical, or other pages."""
    pages = pages or _markdown(server)
    write(folder, {"zensical.toml": ZENSICAL.format(server=server)} | pages)
    _run(folder, "zensical", "build", "--strict")
    return folder / "site"


BUILDERS: Final[Mapping[str, Callable[[Path, str], Path]]] = {
    "furo": sphinx,
    "material": material,
    "zensical": zensical,
}


class Host(ThreadingHTTPServer):
    """Serves a folder from a site of its own, with a policy if one is given."""

    def __init__(self, folder: Path, policy: str = "") -> None:
        super().__init__(("127.0.0.1", 0), partial(_Answer, directory=str(folder)))
        self.policy = policy
        self.url = f"http://localhost:{self.server_port}"  # another site than 127.0.0.1


class _Answer(SimpleHTTPRequestHandler):
    server: Host

    def end_headers(self) -> None:
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _markdown(server: str) -> dict[str, str]:
    both = f"{snippet(FIRST, 'markdown', server)}\n\n{snippet(SECOND, 'markdown', server)}"
    return {
        "docs/index.md": "# Lessons\n\nNothing here.\n",
        "docs/lesson.md": f"# Lesson\n\n{both}\n",
    }


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Texts by their names below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _run(folder: Path, module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
