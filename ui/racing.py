"""Run the race both ways on this machine, and say what came of it."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import streamlit as st
import torch

import kvcore
from kvcore import Lap, RaceResult
from ui import host
from ui.host import decoder
from ui.i18n import _
from ui.runs import Ids

SMALL_GAIN = 1.2  # below this, the page says that the cache hardly helped


def run(model: str, ids: Ids, n_tokens: int, repeats: int) -> RaceResult:
    """Time every step both ways under a progress bar; each pair of steps takes its own turn."""
    laps: list[Lap] = []
    bar = st.progress(0.0, _("Warming up…"))
    race = kvcore.race(decoder(model).engine, ids, n_tokens, repeats)
    while True:
        lap = host.run(lambda: next(race, None))
        if lap is None:
            break
        laps.append(lap)
        done = lap.repeat * n_tokens + lap.index + 1
        bar.progress(
            done / (n_tokens * repeats),
            _("Repeat {repeat} of {repeats}, step {step} of {steps}").format(
                repeat=lap.repeat + 1, repeats=repeats, step=lap.index + 1, steps=n_tokens
            ),
        )
    bar.empty()
    return RaceResult.of(laps)


def machine() -> str:
    """The machine that the times were measured on, in one line."""
    return _("{processor} · {cores} cores · {threads} threads · torch {torch}").format(
        processor=_processor(),
        cores=os.cpu_count(),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")  # Linux; elsewhere platform knows the name
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
