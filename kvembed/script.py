"""The script of <kv-cache>: the parts in kvembed/element as one file that needs no other.

It is a module or a classic script, as a page likes: browsers run no module of a page that was
opened from a disk. So the parts lose their import and export, and stand in one block, in an order
in which each finds what it imports.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any, Final

from kvembed.contract import PAGES, PARAMETERS
from kvembed.languages import DEFAULT, LANGUAGES
from kvembed.values import BY_NAME, LEAST_HEIGHT

_PARTS: Final = ("contract", "surroundings", "address", "sheet", "kv-cache")
_SPACE: Final = re.compile(r"\n\s*|(?<=[:,]) | (?={)")  # that a sheet can do without
_MODULE: Final = re.compile(r"^(?:// @ts-check\n|import .*\n|export (?=\w))", re.MULTILINE)


@cache
def element_script() -> bytes:
    """The file as a page loads it."""
    parts = (_MODULE.sub("", _read(f"{name}.js")) for name in _PARTS)
    source = '"use strict"\n{\n' + "\n".join(parts) + "}\n"
    style = _SPACE.sub("", _read("style.css"))
    for place, told in (("const CONTRACT = {}", _told()), ('const STYLE = ""', style)):
        name = place[: place.index("=") + 1]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        source = source.replace(place, f"{name} {text}", 1)
    return source.encode()


def _read(name: str) -> str:
    return resources.files("kvembed").joinpath("element", name).read_text(encoding="utf-8")


def _told() -> dict[str, Any]:
    """The part of the contract that it has to know."""
    return {
        "keys": [parameter.name for parameter in PARAMETERS],
        "least": LEAST_HEIGHT,
        "most": BY_NAME["height"].most,
        "pages": {name: {"path": page.path, "room": page.room} for name, page in PAGES.items()},
        "lang": DEFAULT,
        "texts": {code: asdict(language.element) for code, language in LANGUAGES.items()},
    }
