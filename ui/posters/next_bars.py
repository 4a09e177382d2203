"""The next-token distribution as level bars, as kvfront/shared/bars.js has it."""

from __future__ import annotations

from typing import Any, Final

from ui.posters.canvas import FONT, Canvas
from ui.posters.heat import brief
from ui.posters.labels import draw_token, measure

BAR: Final = 12
LINE: Final = 23  # a bar and what is around it
NAME: Final = 112  # the longest name
NUMBER: Final = 36
GAP: Final = 8


def paint_bars(
    canvas: Canvas, step: dict[str, Any], left: float, top: float, width: float
) -> float:
    """A bar a candidate of the step, the one that was taken outlined; return where they end."""
    names = max((measure(each["label"], FONT, NAME) for each in step["next"]), default=0.0)
    track = left + names + GAP
    room = width - names - NUMBER - 2 * GAP
    y = top
    for i, each in enumerate(step["next"]):
        taken = i == step["chosen"]
        canvas.begin(font_weight=600 if taken else "")
        draw_token(canvas, each["label"], track - GAP, y + BAR / 2, FONT, align=1, most=NAME)
        canvas.text(track + room + GAP, y + BAR - 1.5, brief(each["p"]), FONT)
        canvas.end()
        canvas.rect(track, y, room, BAR, canvas.fill("track"))
        fill = canvas.fill("muted" if taken else "bar")
        canvas.rect(track, y, max(1, each["p"] * room), BAR, fill)
        if taken:
            edge = canvas.stroke("fg")
            canvas.rect(track - 1, y - 1, room + 2, BAR + 2, edge, fill="none", stroke_width=2)
        y += LINE
    return y - LINE + BAR
