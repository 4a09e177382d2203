"""The figure that a page is about, with all that the site has to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ui.figures.sheet import Row
from ui.front import FIGURES
from ui.record.record import Message

# Of a figure's folder: drawn live in a page, and as a picture where there is no browser.
FILES: Final = ("live.js", "live.css", "still.js")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure by the name of its folder in kvfront. None of its parts can be forgotten.

    ValueError where the folder lacks a file.
    """

    name: str
    words: Callable[[str], Mapping[str, str]]  # what it says in a language
    rows: Callable[[Message], Iterator[Row]]  # its message as a table, the header first
    moved: Literal["step", "view"] | None  # the part of a view that a reader chooses in it
    timed: bool  # whether milliseconds of this machine are in it
    heights: tuple[int, int]  # that a page keeps free until it is drawn: wide, below 640 px

    def __post_init__(self) -> None:
        if missing := [file for file in FILES if not (FIGURES / self.name / file).is_file()]:
            raise ValueError(f"the figure {self.name} has no {missing} in {FIGURES / self.name}")
