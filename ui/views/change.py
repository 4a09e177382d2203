"""kv.change of two runs: which rows of K or V moved between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from kvcore import Change, TokenLabel
from ui.figures.change import change_block, words

LETTERS: Final[tuple[Literal["k", "v"], ...]] = ("k", "v")


def change(
    labels: Sequence[TokenLabel],
    moved: Change,
    letter: Literal["k", "v"],
    *,
    high: float,
    lang: str,
) -> bytes:
    """Pack the map of one letter on a scale up to `high`, which maps to be compared share."""
    return change_block(
        tokens=labels,
        change=getattr(moved, letter),
        letter=letter,
        high=high,
        text=words(lang, letter),
    )
