"""How much a picture may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class SizeBudget:
    """The steps of a ramp from paper to a full value, and the most tokens and values of K."""

    shades: int
    tokens: int
    values: int
    every_part: bool = False  # also those that a small picture has no place for


# What a small file can hold, in fewer and fewer shades: fewer of them, more neighbours share one.
SMALL: Final = tuple(
    SizeBudget(shades=shades, tokens=42, values=3600) for shades in (24, 16, 12, 9, 7, 5, 4)
)
# Everything, as fine as an eye can tell.
WHOLE: Final = SizeBudget(shades=96, tokens=10_000, values=10_000_000, every_part=True)
