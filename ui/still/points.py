"""The step at which a page makes its point."""

from __future__ import annotations

from dataclasses import replace

from kvembed.view import View
from ui.views.pages import BY_NAME


def pointed(view: View) -> View:
    """The view in a page's picture where its address says nothing of a text or a step.

    A page opens on its first step, which has little to show to who is not there yet.
    """
    if view.prompt or view.step is not None:
        return view
    return replace(view, step=BY_NAME[view.page].point)
