"""Two panels side by side, each under its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ui.posters.canvas import Canvas
from ui.posters.frame import wrapped

BETWEEN: Final = 28


@dataclass(frozen=True)
class Pair:
    """Where two panels lie in a figure of this width."""

    width: float

    @property
    def half(self) -> float:
        """The width of one."""
        return (self.width - BETWEEN) / 2

    @property
    def places(self) -> tuple[float, float]:
        """Their left edges."""
        return 0.0, self.half + BETWEEN

    def paint_titles(
        self, canvas: Canvas, titles: Sequence[str], y: float, inks: Sequence[str] = ("fg", "fg")
    ) -> float:
        """Write what each of them is; return where the longer title ends."""
        bottom = y
        for x, title, ink in zip(self.places, titles, inks, strict=True):
            lines = wrapped(title, 14, self.half)
            for i, line in enumerate(lines):
                canvas.text(x, y + 14 + 18 * i, line, 14, ink, font_weight=600)
            bottom = max(bottom, y + 18 * len(lines))
        return bottom
