"""The pages of the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ui.language.i18n import N_


@dataclass(frozen=True)
class SitePage:
    """One page: its file in pages/, its path on the site, its title, and its name in the row."""

    file: str
    path: str
    title: str
    name: str


PAGES: Final = (
    SitePage("home.py", "", N_("What a decoder remembers"), N_("What it remembers")),
    SitePage("why_not_q.py", "why-not-q", N_("Why K and V, and not Q?"), N_("Why not Q?")),
    SitePage("growth.py", "growth", N_("Watch the cache grow"), N_("Watch it grow")),
    SitePage("timing.py", "timing", N_("With and without"), N_("With and without")),
)
SITE: Final = N_("The KV cache, live")
