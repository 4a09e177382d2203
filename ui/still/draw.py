"""A figure as a picture: painted by its own JavaScript, in light and dark at once."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ui.front import KVFRONT
from ui.language.i18n import ROOT
from ui.served.later import LaterError
from ui.snapshot import bundle
from ui.still.engine import Engine, ScriptError
from ui.still.room import Room

STILLS: Final = ("matrix", "race", "shelf")  # the figures that paint themselves
_CONFIG: Final = ROOT / ".streamlit" / "config.toml"


@dataclass(frozen=True, kw_only=True)
class Still:
    """A piece of SVG, the rules of its classes in either theme, its size, and how many of how many
    tokens it has."""

    markup: str
    light: str
    dark: str
    width: float
    height: float
    shown: int
    tokens: int


def still(figure: str, block: bytes, room: Room) -> Still:
    """Paint a figure's block. LaterError when it cannot be painted."""
    options: dict[str, Any] = {
        "themes": [{**theme, "shades": room.shades} for theme in _themes()],
        "room": {"tokens": room.tokens, "values": room.values, "every": room.every_part},
    }
    try:
        made = _engine().call("still", figure, block.decode("latin-1"), json.dumps(options))
    except ScriptError as error:
        raise LaterError("the picture could not be drawn") from error
    return Still(**json.loads(made))


@cache
def _engine() -> Engine:
    return Engine(bundle.script(KVFRONT / "still.js"))


@cache
def _themes() -> list[dict[str, str]]:
    """The paper, ink and fonts of the site, in light and in dark."""
    theme = tomllib.loads(_CONFIG.read_text("utf-8"))["theme"]
    return [
        {
            "bg": theme[name]["backgroundColor"],
            "fg": theme[name]["textColor"],
            "font": theme["font"],
        }
        for name in ("light", "dark")
    ]
