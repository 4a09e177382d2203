"""The script of <kv-cache>: kvembed/embed.js with what it has to know of the contract put in."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any, Final

from kvembed.contract import PAGES, PARAMETERS
from kvembed.languages import DEFAULT, LANGUAGES
from kvembed.values import BY_NAME, LEAST_HEIGHT

_PLACE: Final = "const CONTRACT = {}"


@cache
def element_script() -> bytes:
    """The file as a page loads it, needing no other."""
    source = (resources.files("kvembed") / "embed.js").read_text(encoding="utf-8")
    told = json.dumps(_told(), ensure_ascii=False, separators=(",", ":"))
    return source.replace(_PLACE, _PLACE.replace("{}", told), 1).encode()


def _told() -> dict[str, Any]:
    return {
        "keys": [parameter.name for parameter in PARAMETERS],
        "least": LEAST_HEIGHT,
        "most": BY_NAME["height"].most,
        "pages": {name: {"path": page.path, "room": page.room} for name, page in PAGES.items()},
        "lang": DEFAULT,
        "texts": {code: asdict(language.element) for code, language in LANGUAGES.items()},
    }
