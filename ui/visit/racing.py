"""Run the race both ways on this machine, while a visitor waits."""

from __future__ import annotations

import streamlit as st

from kvcore import Decoder, Lap, RaceResult
from ui.language.i18n import _
from ui.served import runs
from ui.served.runs import Ids


def run(decoder: Decoder, ids: Ids, n_tokens: int, repeats: int) -> RaceResult:
    """Time every step both ways under a progress bar."""
    laps: list[Lap] = []
    bar = st.progress(0.0, _("Warming up…"))
    for lap in runs.laps(decoder, ids, n_tokens, repeats):
        laps.append(lap)
        done = lap.repeat * n_tokens + lap.index + 1
        bar.progress(
            done / (n_tokens * repeats),
            _("Repeat {repeat} of {repeats}, token {token} of {tokens}").format(
                repeat=lap.repeat + 1, repeats=repeats, token=lap.index + 1, tokens=n_tokens
            ),
        )
    bar.empty()
    return RaceResult.of(laps)
