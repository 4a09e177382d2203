"""The numbered steps of an argument: buttons back and forward, and each step by its number."""

from __future__ import annotations

import streamlit as st

from ui import bounds, controls, state
from ui.i18n import _


def step_picker(n_steps: int) -> int:
    """Draw the steps 1 to `n_steps`; return the one that is shown. The address carries it."""
    step = bounds.step(n_steps, first=1)
    if state.locked("step"):
        controls.fixed(_("Step"), step)
    else:
        _buttons(step, n_steps)
    state.draw_notices("step")
    return step


def _buttons(step: int, n_steps: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="steps"):
        st.button(
            "←",
            key="step_back",
            help=_("Previous step"),
            disabled=step == 1,
            on_click=_go,
            args=(step - 1,),
        )
        st.segmented_control(
            _("Step"),
            range(1, n_steps + 1),
            default=None if state.seed("step", step) else step,
            key="step",
            required=True,
            label_visibility="collapsed",
            on_change=state.changed("step"),
        )
        st.button(
            "→",
            key="step_next",
            help=_("Next step"),
            disabled=step == n_steps,
            on_click=_go,
            args=(step + 1,),
        )


def _go(step: int) -> None:
    state.follow("step", step)
