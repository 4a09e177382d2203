"""What every figure refuses: an array of the wrong shape."""

from typing import Any

from numpy.typing import NDArray


def require_shapes(why: str, *arrays: tuple[str, NDArray[Any], tuple[int, ...]]) -> None:
    """ValueError naming the first array, each (name, array, shape), whose shape is another."""
    for name, array, shape in arrays:
        if array.shape != shape:
            raise ValueError(f"{name} is {array.shape}, but {why} need {shape}")
