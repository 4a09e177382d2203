"""The numbered steps of an argument: back and forward, and each step by its number."""

from __future__ import annotations

from collections.abc import Sequence

from ui.language.i18n import _
from ui.visit import bounds, controls, notices, state
from ui.visit.drawing import draw_steps


def step_picker(titles: Sequence[str]) -> int:
    """Draw the steps, 1 to the last title; return the one that is shown. The address carries it."""
    step = bounds.step(len(titles), first=1)
    if state.locked("step"):
        controls.fixed(_("Step"), step)
    else:
        text = {"label": _("Step"), "back": _("Previous step"), "next": _("Next step")}
        draw_steps(step, titles, text, lambda picked: state.put("step", picked), key="steps")
    notices.draw("step")
    return step
