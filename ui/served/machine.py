"""The machine that times are measured on."""

from __future__ import annotations

from datetime import date

import torch

from kvcore.ops.machine import n_cores, processor
from ui.language.i18n import speaker, translations


def machine(lang: str) -> str:
    """Its processor, cores and threads in one line."""
    ngettext = translations(lang).ngettext
    cores, threads = n_cores(), torch.get_num_threads()
    parts = (
        processor(),
        ngettext("{n} core", "{n} cores", cores).format(n=cores),
        ngettext("{n} thread", "{n} threads", threads).format(n=threads),
        f"torch {torch.__version__}",
    )
    return " · ".join(parts)


def measured(day: date, lang: str) -> str:
    """When and on which machine times were measured, for what is seen elsewhere and later."""
    _ = speaker(lang)
    said = _("times measured on {date}: {machine}")
    return said.format(date=day.isoformat(), machine=machine(lang))
