"""The scales under a figure: what a colour stands for, in numbers."""

from __future__ import annotations

from typing import Any, Final

from ui.posters.canvas import Canvas, width_of
from ui.posters.cells import colour
from ui.posters.palette import CURVE

SIZE: Final = 12
BAR: Final = (84, 9)
BETWEEN: Final = 18
ROW: Final = 34
_STEPS: Final = 13


class Legend:
    """A row of scales and swatches that breaks where the figure ends."""

    def __init__(self, canvas: Canvas, y: float, width: float) -> None:
        self.canvas = canvas
        self.width = width
        self.x, self.y = 0.0, y

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.y + ROW - 8

    def scale(self, title: str, hue: str, high: float, *, diverging: bool) -> None:
        """A gradient with its ends: from -high to high, or from 0 to high."""
        bar, tall = BAR
        left = self._place(title, bar)
        for i in range(_STEPS):
            share = i / (_STEPS - 1)
            level = 2 * share - 1 if diverging else share**CURVE
            step = round(level * self.canvas.shades)
            w = bar / _STEPS
            fill = self.canvas.fill(colour(hue, step))
            self.canvas.rect(left + i * w, self.y, w + 0.3, tall, fill)
        self._frame(left, bar, tall)
        for x, end, anchor in ((left, -high * diverging, "start"), (left + bar, high, "end")):
            self.canvas.text(x, self.y + 22, read(end), 11, "muted", text_anchor=anchor)

    def swatch(self, title: str, class_: str) -> None:
        """A colour, or the hatch, and its name."""
        left = self._place(title, 20)
        self.canvas.rect(left, self.y, 20, BAR[1], class_)
        self._frame(left, 20, BAR[1])

    def _place(self, title: str, wide: float) -> float:
        """Write the title; return where what it names begins."""
        letter = title.lower() if len(title) == 1 else ""
        text = width_of(title, SIZE) + 8
        if self.x and self.x + text + wide > self.width:
            self.x, self.y = 0, self.y + ROW
        ink = f"{letter}-ink" if letter else "muted"
        look: dict[str, Any] = {"font_style": "italic", "font_weight": 600} if letter else {}
        self.canvas.text(self.x, self.y + BAR[1], title, SIZE, ink, **look)
        left = self.x + text
        self.x = left + wide + BETWEEN
        return left

    def _frame(self, left: float, wide: float, tall: float) -> None:
        stroke = self.canvas.stroke("grid")
        self.canvas.rect(left - 0.5, self.y - 0.5, wide + 1, tall + 1, stroke, fill="none")


def read(value: float) -> str:
    """A number as people read it: two decimals or fewer, a true minus sign."""
    size = abs(value)
    text = f"{size:.0f}" if size >= 100 or size == int(size) else f"{size:.{1 + (size < 10)}f}"
    return f"−{text}" if value < 0 else text
