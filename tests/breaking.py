"""A mutation: what stands once in a function of the engine, and what is put in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Definition(NamedTuple):
    """Where a module, a class or a function stands."""

    path: Path
    lines: slice


class Mutation(NamedTuple):
    """In `where`, `old` becomes `new`.

    `where` is the end of the dotted name of a function, a class or a module, as long as only one
    ends so: `shares`, `Session.step`, `race.race`. A function may move to another file.
    """

    name: str
    where: str
    old: str
    new: str

    @property
    def file(self) -> Path:
        """That it is made in."""
        return self.definition().path

    def definition(self) -> Definition:
        """ValueError unless exactly one has this name."""
        end = f".{self.where}"
        found = [it for name, it in definitions() if f".{name}".endswith(end)]
        if len(found) != 1:
            raise ValueError(f"{self.name}: kvcore has {len(found)} definitions of {self.where}")
        return found[0]

    def source(self) -> str:
        """The file that it is in, changed. ValueError unless `old` stands in `where` once."""
        path, inside = self.definition()
        lines = path.read_text().splitlines(keepends=True)
        text = "".join(lines[inside])
        if (n := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: {self.where} holds {self.old!r} {n} times: not once")
        lines[inside] = [text.replace(self.old, self.new)]
        return "".join(lines)


@cache
def definitions() -> tuple[tuple[str, Definition], ...]:
    """All of kvcore's, with their dotted names."""
    return tuple(
        each for path in sorted((ROOT / "kvcore").rglob("*.py")) for each in _definitions_in(path)
    )


def _definitions_in(path: Path) -> Iterator[tuple[str, Definition]]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    yield module, Definition(path, slice(None))
    waiting: list[tuple[str, ast.AST]] = [(module, ast.parse(path.read_text()))]
    for outer, parent in waiting:  # which grows meanwhile
        for node in ast.iter_child_nodes(parent):
            name = outer
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{node.name}"
                first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
                yield name, Definition(path, slice(first - 1, node.end_lineno))
            waiting.append((name, node))
