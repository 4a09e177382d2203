"""Barcodes: the head_dim values of a token as a strip of cells, framed in its letter's colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ui.posters import cells
from ui.posters.canvas import Canvas, number
from ui.posters.cells import Floats

FRAMED = 7  # px: a thinner strip has caps at its ends instead of a frame


@dataclass(frozen=True, kw_only=True)
class Rack:
    """Where a row of strips lies: each `thick` wide around its place in `at`, from `start` on."""

    at: Sequence[float]  # the middle of each strip, across
    start: float
    length: float
    thick: float
    upright: bool

    def box(self, i: int, last: int | None = None) -> tuple[float, float, float, float]:
        """x, y, width and height of strip i, or of all from it to `last`."""
        across = self.at[i] - self.thick / 2
        reach = self.thick + (0 if last is None else self.at[last] - self.at[i])
        if self.upright:
            return across, self.start, reach, self.length
        return self.start, across, self.length, reach

    def part(self, start: int, stop: int) -> Rack:
        """Some of its strips."""
        return replace(self, at=self.at[start:stop])


def full_of(values: Floats) -> float:
    """The value at which a colour is full, as kvfront/shared/barcode.js has it: 98 % lie below."""
    sizes = np.sort(np.abs(values), axis=None)
    return float(sizes[int(0.98 * (sizes.size - 1))]) or 1.0


def draw_strips(canvas: Canvas, steps: cells.Steps, hue: str, rack: Rack) -> None:
    """Strips of steps (n, D) with thin frames."""
    unit = rack.length / steps.shape[1]
    cells.draw(
        canvas,
        steps,
        hue,
        at=rack.at,
        origin=(0, rack.start) if rack.upright else (rack.start, 0),
        scale=(1, unit) if rack.upright else (unit, 1),
        thick=rack.thick,
        upright=rack.upright,
    )
    _frames(canvas, hue, rack)


def _frames(canvas: Canvas, hue: str, rack: Rack) -> None:
    pieces = []
    for i in range(len(rack.at)):
        x, y, w, h = rack.box(i)
        if rack.thick >= FRAMED:
            pieces.append(_outline(x - 0.5, y - 0.5, w + 1, h + 1))
        elif rack.upright:
            pieces.append(
                f"M{number(x)} {number(y - 1)}h{number(w)}m0 {number(h + 2)}h-{number(w)}"
            )
    framed = rack.thick >= FRAMED
    canvas.path(
        "".join(pieces),
        canvas.stroke(hue),
        fill="none",
        **({"stroke_opacity": 0.6} if framed else {"stroke_width": 2}),
    )


def bold(canvas: Canvas, rack: Rack, i: int, last: int | None = None) -> None:
    """What is new in this step, one strip or all from i to `last`: a bold outline."""
    x, y, w, h = rack.box(i, last)
    d = _outline(x - 1, y - 1, w + 2, h + 2)
    canvas.path(d, canvas.stroke("fg"), fill="none", stroke_width=2)


def strike(canvas: Canvas, rack: Rack, which: Iterable[int]) -> None:
    """Lines through strips that were deleted."""
    pieces = []
    for i in which:
        x, y, w, h = rack.box(i)
        pieces.append(
            f"M{number(x + w / 2)} {number(y - 3)}v{number(h + 6)}"
            if rack.upright
            else f"M{number(x - 3)} {number(y + h / 2)}h{number(w + 6)}"
        )
    canvas.path("".join(pieces), canvas.stroke("fg"), fill="none", stroke_width=2)


def _outline(x: float, y: float, w: float, h: float) -> str:
    return f"M{number(x)} {number(y)}h{number(w)}v{number(h)}h-{number(w)}z"
