"""The step at which a page makes its point."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kvembed.view import View

_POINTS: Final = {"why-not-q": 6, "growth": 8}


def pointed(view: View) -> View:
    """What the picture of a page shows where its address says nothing of a text or a step.

    A page opens on its first step, which has little to show to who is not there yet.
    """
    if view.prompt or view.step is not None:
        return view
    return replace(view, step=_POINTS.get(view.page))
