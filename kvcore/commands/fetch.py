"""`python -m kvcore fetch`: a model, with a bar in the terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from kvcore.checkpoint.fetch import Progress, Stage, fetch, is_fetched, model_folder

BAR = 32
REDRAW_SECONDS = 0.1
DOING: dict[Stage, str] = {
    "download": "downloading",
    "verify": "checking",
    "convert": "converting",
    "write": "writing",
}


def fetch_with_progress(name: str, out: TextIO | None = None) -> None:
    """Fetch a model and say how far it is; a line a stage where `out` is no terminal."""
    out = out or sys.stdout
    if is_fetched(name):
        print(f"{name} is here already: {model_folder(name)}", file=out)
        return
    started = time.monotonic()
    folder = fetch(name, _Bar(out).show)
    print(f"{name} is in {folder} ({time.monotonic() - started:.0f} s)", file=out)


class _Bar:
    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.live = out.isatty()
        self.finished: set[Stage] = set()
        self.drawn = 0.0

    def show(self, progress: Progress) -> None:
        finished = progress.done >= progress.total
        if finished:
            if progress.stage in self.finished:
                return
            self.finished.add(progress.stage)
        elif not self.live or time.monotonic() - self.drawn < REDRAW_SECONDS:
            return
        self.drawn = time.monotonic()
        start, end = "\r" if self.live else "", "\n" if finished else ""
        print(f"{start}{_line(progress)}", end=end, file=self.out, flush=True)


def _line(progress: Progress) -> str:
    share = progress.done / max(progress.total, 1)
    filled = round(BAR * share)
    amount = f"{progress.done} / {progress.total}"
    if progress.stage in ("download", "verify"):
        amount = f"{progress.done / 1e6:.1f} / {progress.total / 1e6:.1f} MB"
    elif progress.stage == "convert":
        amount += " tensors"
    return f"{DOING[progress.stage]:12}{'█' * filled}{'░' * (BAR - filled)} {share:4.0%}  {amount}"
