"""The pages of the site: each is one entry here, one file in pages/, and its prose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kvcore import ModelConfig
from kvembed import contract
from ui.figures.registry import FIGURES
from ui.language.i18n import N_
from ui.views import blocks
from ui.views.cache_view import reading
from ui.views.resolved import ResolvedView

SITE: Final = N_("The KV cache, live")

Sections = Callable[[ModelConfig], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page by its name in the contract, which is that of its file and of its prose too.

    None of its parts can be forgotten. ValueError for a page that the contract does not have, or a
    figure that there is not.
    """

    name: str
    row: str  # what the row at the top calls it
    figure: str
    block: Callable[[ResolvedView], bytes]  # of its figure
    parts: tuple[str, ...]  # of a view: what there is to be seen and changed
    point: int | None  # the step at which it makes its point; None for the one it opens on
    before: tuple[str, ...]  # sections of its prose that stand above the figure in a recording
    after: Sections  # and below it
    timed: bool  # whether its figure shows milliseconds

    def __post_init__(self) -> None:
        if self.name not in contract.PAGES:
            raise ValueError(f"kvembed/contract.py has no page {self.name!r}: add it there")
        if self.figure not in FIGURES:
            raise ValueError(f"figure={self.figure!r} must be one of {', '.join(FIGURES)}")

    @property
    def file(self) -> str:
        return f"{self.name.replace('-', '_')}.py"

    @property
    def path(self) -> str:
        return contract.PAGES[self.name].path

    @property
    def title(self) -> Mapping[str, str]:
        """By language."""
        return contract.PAGES[self.name].title


def _always(*sections: str) -> Sections:
    return lambda _: sections


PAGES: Final = (
    Page(
        name="home",
        row=N_("What it remembers"),
        figure="cache_view",
        block=blocks.of_home,
        parts=("prompt", "model", "layer", "head", "lang"),
        point=None,
        before=(),
        after=reading,
        timed=True,
    ),
    Page(
        name="why-not-q",
        row=N_("Why not Q?"),
        figure="matrix",
        block=blocks.of_why_not_q,
        parts=("prompt", "model", "layer", "head", "step", "view", "lang"),
        point=6,
        before=(),  # each step has its own
        after=_always(),
        timed=False,
    ),
    Page(
        name="growth",
        row=N_("Watch it grow"),
        figure="growth",
        block=blocks.of_growth,
        parts=("prompt", "model", "layer", "head", "step", "view", "lang"),
        point=8,
        before=("lead",),
        after=_always("square", "rows", "maps"),
        timed=True,
    ),
    Page(
        name="timing",
        row=N_("With and without"),
        figure="race",
        block=blocks.of_timing,
        parts=("prompt", "model", "view", "lang"),
        point=None,
        before=("race",),
        after=_always(),
        timed=True,
    ),
)
BY_NAME: Final[Mapping[str, Page]] = {page.name: page for page in PAGES}
BY_PATH: Final[Mapping[str, Page]] = {page.path: page for page in PAGES}
