"""A figure as a picture: painted by its own JavaScript, in light and dark at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from ui import bundle
from ui.figures.registry import FIGURES
from ui.front import KVFRONT
from ui.served.later import LaterError
from ui.still.budget import SizeBudget
from ui.still.engine import Engine, ScriptError
from ui.still.theme import themes


@dataclass(frozen=True, kw_only=True)
class Still:
    """A piece of SVG, the rules of its classes in either theme, and its size.

    `shown` of its `tokens` are drawn. `pages` has the colours of what lies around it, in light and
    in dark: `paper`, `fg`, `muted` and `grid`.
    """

    markup: str
    light: str
    dark: str
    width: float
    height: float
    shown: int
    tokens: int
    pages: list[dict[str, str]]


def still(figure: str, block: bytes, budget: SizeBudget) -> Still:
    """Paint a figure's block. ValueError for a kind of figure that has no picture.

    LaterError when it cannot be painted.
    """
    if figure not in FIGURES:
        names = ", ".join(FIGURES)
        raise ValueError(f"a figure of kind {figure!r} has no picture: choose one of {names}")
    options: dict[str, Any] = {
        "themes": [{**theme, "shades": budget.shades} for theme in themes()],
        "room": {"tokens": budget.tokens, "values": budget.values, "every": budget.every_part},
    }
    try:
        made = _engine().call("still", figure, block.decode("latin-1"), json.dumps(options))
    except ScriptError as error:
        raise LaterError("the picture could not be drawn") from error
    return Still(**json.loads(made))


@cache
def _engine() -> Engine:
    lines = [f'import {name} from "./figures/{name}/still.js";' for name in FIGURES]
    lines.append('import { painter } from "./still.js";')
    lines.append(f"globalThis.still = painter({{ {', '.join(FIGURES)} }});")
    return Engine(bundle.script(KVFRONT / "entry.js", "\n".join(lines)))
