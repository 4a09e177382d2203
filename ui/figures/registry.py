"""The figures that pages are about, by name. A new one enrols itself here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ui.figures import cache_view, growth, matrix, race
from ui.figures.figure import Figure

FIGURES: Final[Mapping[str, Figure]] = {
    each.FIGURE.name: each.FIGURE for each in (cache_view, matrix, growth, race)
}
