"""Values as cells of colour: equal neighbours along a line are one stroke, a colour is one path.

A gap is not drawn, so that paper, or the hatch of what is masked, shows through: it is no zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ui.posters.canvas import Canvas, number
from ui.posters.palette import CURVE

Floats = NDArray[np.floating]
Steps = NDArray[np.int64]

GAP: Final = -1000


def diverging(values: Floats, full: float, shades: int) -> Steps:
    """Steps of a ramp centred on 0: `shades` at `full` and beyond, negative below 0."""
    steps: Steps = np.rint(np.clip(values / full, -1, 1) * shades).astype(np.int64)
    return steps


def sequential(values: Floats, shades: int) -> Steps:
    """Steps of a ramp from 0 to 1, which rises fast near 0."""
    steps: Steps = np.rint(np.clip(values, 0, 1) ** CURVE * shades).astype(np.int64)
    return steps


def strokes(steps: Steps, at: Sequence[float], *, upright: bool) -> dict[int, str]:
    """One path a step: `steps` (lines, cells), line i drawn at `at[i]`, each cell one unit long.

    Paper (0) and gaps need no stroke.
    """
    n_cells = steps.shape[1]
    flat = steps.ravel()
    starts = np.ones(flat.size, dtype=bool)
    starts[1:] = flat[1:] != flat[:-1]
    starts[::n_cells] = True
    begins = np.flatnonzero(starts)
    lengths = np.diff(begins, append=flat.size)
    paths: dict[int, list[str]] = {}
    ends: dict[int, tuple[float, int]] = {}
    for begin, length in zip(begins.tolist(), lengths.tolist(), strict=True):
        step = int(flat[begin])
        if step in (0, GAP):
            continue
        line, cell = divmod(begin, n_cells)
        before, after = ends.get(step, (0.0, 0))
        ends[step] = (at[line], cell + length)
        move = (at[line] - before, float(cell - after))
        x, y = move if upright else move[::-1]
        gap = "" if y < 0 else " "
        paths.setdefault(step, []).append(
            f"m{number(x)}{gap}{number(y)}{'v' if upright else 'h'}{length}"
        )
    return {step: "M" + "".join(pieces)[1:] for step, pieces in paths.items()}


def colour(hue: str, step: int) -> str:
    """The name of a step's colour: below 0 it is the same for all hues."""
    return f"{hue if step >= 0 else 'below'}-{abs(step)}"


def draw(
    canvas: Canvas,
    steps: Steps,
    hue: str,
    *,
    at: Sequence[float],
    origin: tuple[float, float],
    scale: tuple[float, float],
    thick: float,
    upright: bool = False,
) -> None:
    """Draw the cells of one hue, in units of `scale` from `origin`, each line `thick` units."""
    canvas.begin(
        transform=f"translate({number(origin[0])} {number(origin[1])}) "
        f"scale({number(scale[0])} {number(scale[1])})",
        stroke_width=thick,
        fill="none",
    )
    for step, d in sorted(strokes(steps, at, upright=upright).items()):
        canvas.path(d, canvas.stroke(colour(hue, step)))
    canvas.end()


def masked_path(masked: NDArray[np.bool_], x: float, y: float, w: float, h: float) -> str:
    """The outline of the masked cells, each `w` by `h`, row by row."""
    pieces = []
    for row, cells in enumerate(masked):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cells.astype(np.int8), [0]])))
        for start, stop in edges.reshape(-1, 2).tolist():
            pieces.append(
                f"M{number(x + start * w)} {number(y + row * h)}"
                f"h{number((stop - start) * w)}v{number(h)}h{number((start - stop) * w)}z"
            )
    return "".join(pieces)
