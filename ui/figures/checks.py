"""What every figure refuses: a missing string, an array of the wrong shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray


def require_text(text: Mapping[str, str], wanted: Sequence[str]) -> None:
    """ValueError naming the strings that `text` lacks."""
    missing = [name for name in wanted if name not in text]
    if missing:
        raise ValueError(f"text lacks {', '.join(missing)}: give all {len(wanted)} strings of TEXT")


def require_shapes(why: str, *arrays: tuple[str, NDArray[Any], tuple[int, ...]]) -> None:
    """ValueError naming the first array, each (name, array, shape), whose shape is another."""
    for name, array, shape in arrays:
        if array.shape != shape:
            raise ValueError(f"{name} is {array.shape}, but {why} need {shape}")
