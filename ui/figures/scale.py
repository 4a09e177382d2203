"""Which value a full colour stands for."""

import math

import numpy as np
from numpy.typing import NDArray

_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)


def full_scale(values: NDArray[np.floating]) -> float:
    """The size at which a colour is full: all but the largest 2 % lie below, rounded up.

    A few dimensions of K are far larger than the rest and would pale every other cell. Rounding up
    to 1, 1.5, 2, 3, 5 or 7 times a power of ten keeps the scale, and so the colour of what is
    already held, from moving with each new token.
    """
    size = float(np.quantile(np.abs(values), 0.98)) if values.size else 0.0
    if not math.isfinite(size) or size <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    return next(step * power for step in _STEPS if size <= step * power * (1 + 1e-9))


def shares(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Each row of (L, S) as shares of its own largest value, from 0 to 1."""
    largest = values.max(axis=1, keepdims=True)
    return values / np.where(largest > 0, largest, 1)
