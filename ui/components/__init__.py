"""The site's own figures: canvas components that receive a run once and play it in the browser."""

from pathlib import Path
from typing import Final

from ui.components.family import Family

_FIGURES: Final = Family(
    "kv",
    Path(__file__).parent,
    ("matrix", "growth", "shelf", "race", "change"),
    styled=True,
)

renderer = _FIGURES.renderer
