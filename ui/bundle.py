"""ES modules and style sheets as one script and one sheet, which need no further request.

Each module becomes a function of its own, called once, after those it imports: only its import and
export lines are changed. It knows the forms that our modules use, and refuses every other.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(
    r"^import (?:\{(?P<names>[^}]*)\}|\* as (?P<all>\w+)|(?P<default>\w+))"
    r' from "(?P<file>\.[^"]+)";$',
    re.MULTILINE,
)
_EXPORT: Final = re.compile(
    r"^export (?P<default>default )?(?P<code>(?:async )?(?:function|class|const) (?P<name>\w+))",
    re.MULTILINE,
)
_LEFT: Final = re.compile(r"^\s*(?:import|export)\b(?! *\().*$|\bimport *\(", re.MULTILINE)
_SHEET: Final = re.compile(r'^@import url\("(?P<file>\.\.?/[^"]+)"\);\n', re.MULTILINE)


@cache
def script(entry: Path, source: str | None = None) -> str:
    """The module `entry` with all that it imports; with a `source`, as if that stood there.

    ValueError for a form of import or export that is not known, and for modules in a circle.
    """
    modules: dict[Path, str] = {}
    _add(entry.resolve(), modules, (), source)
    return "\n".join(modules.values())


@cache
def sheet(*entries: Path) -> str:
    """Style sheets with all that they import, each once."""
    seen: dict[Path, str] = {}
    for entry in entries:
        _add_sheet(entry.resolve(), seen)
    return "".join(seen.values())


def _add(
    path: Path, modules: dict[Path, str], importing: tuple[Path, ...], source: str | None = None
) -> None:
    if path in importing:
        circle = " -> ".join(each.name for each in (*importing, path))
        raise ValueError(f"modules import each other in a circle: {circle}")
    if path in modules:
        return
    source = path.read_text(encoding="utf-8") if source is None else source
    for found in _IMPORT.finditer(source):
        _add(path.parent.joinpath(found["file"]).resolve(), modules, (*importing, path))
    names = list(modules)

    def variable(file: str) -> str:
        return f"module_{names.index(path.parent.joinpath(file).resolve())}"

    def taken(found: re.Match[str]) -> str:
        # A module's own line breaks stay, so that a line of the bundle is found again in it.
        pattern = f"{{ default: {found['default']} }}" if found["default"] else found["all"]
        if found["names"] is not None:
            pattern = f"{{{found['names'].replace(' as ', ': ')}}}"
        return f"const {pattern} = {variable(found['file'])};"

    given = [
        f"default: {found['name']}" if found["default"] else found["name"]
        for found in _EXPORT.finditer(source)
    ]
    body = _EXPORT.sub(lambda found: found["code"], _IMPORT.sub(taken, source))
    if left := _LEFT.search(_without_comments(body)):
        raise ValueError(f"{path.name} has {left[0].strip()!r}: the bundle does not know this form")
    modules[path] = (
        f"const module_{len(names)} = (() => {{ // {path.name}\n"
        f"{body}return {{ {', '.join(given)} }};\n}})();"
    )


def _without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)


def _add_sheet(path: Path, seen: dict[Path, str]) -> None:
    if path in seen:
        return
    source = path.read_text(encoding="utf-8")
    for found in _SHEET.finditer(source):
        _add_sheet(path.parent.joinpath(found["file"]).resolve(), seen)
    rest = _SHEET.sub("", source)
    if "@import" in rest or "url(" in rest:
        raise ValueError(f"{path.name} asks for a file in a form that the bundle does not know")
    seen[path] = rest
