"""A docstring begins with the noun that names the thing."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for folder in ("kvcore", "kvembed", "ui", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
NAMED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(path: Path) -> dict[str, str]:
    """The docstrings of a file and of all in it, by file and line."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = {node: ast.get_docstring(node) for node in nodes if isinstance(node, NAMED)}
    return {
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}": text
        for node, text in found.items()
        if text
    }


def test_no_docstring_begins_with_what() -> None:
    told = {place: text for path in FILES for place, text in docstrings(path).items()}
    assert len(told) > len(FILES)
    assert {place: text for place, text in told.items() if text.startswith("What ")} == {}
