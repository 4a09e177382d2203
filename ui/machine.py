"""The machine that times are measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from ui.i18n import speaker


def machine(lang: str) -> str:
    """Its processor, cores and threads in one line."""
    _ = speaker(lang)
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
