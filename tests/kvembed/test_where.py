"""A warning of the extension for Markdown names the page, in the tools that know it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = {
    "mkdocs": """
site_name: Lessons
markdown_extensions:
  - kvembed.markdown:
      server: https://kv.example.org
""",
    "zensical": """
[project]
site_name = "Lessons"
[project.markdown_extensions."kvembed.markdown"]
server = "https://kv.example.org"
""",
}
FILES = {"mkdocs": "mkdocs.yml", "zensical": "zensical.toml"}


@pytest.mark.parametrize("tool", CONFIGURATION)
def test_a_warning_names_the_page_and_the_line(tool: str, tmp_path: Path) -> None:
    (tmp_path / FILES[tool]).write_text(CONFIGURATION[tool])
    (tmp_path / "docs/part").mkdir(parents=True)
    (tmp_path / "docs/index.md").write_text("# Lessons\n")
    lines = "# One\n\n::kv-cache{page=grow}\n\nWrite ::kv-cache{page=growth} there\n"
    (tmp_path / "docs/part/one.md").write_text(lines)
    built = subprocess.run(
        [sys.executable, "-m", tool, "build"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said = built.stdout + built.stderr
    assert "part/one.md, line 3, ::kv-cache{page=grow}: page='grow' is not one of" in said
    assert "part/one.md, line 5, ::kv-cache{page=growth}: stays text" in said
