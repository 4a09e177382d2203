"""Time several ways of doing one thing in turns, so that a busy moment hits all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Seconds of each round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))

    def __str__(self) -> str:
        """Milliseconds: the median, and in brackets the value that a tenth stays below."""
        return f"{1e3 * self.median:7.1f} ({1e3 * np.percentile(self.seconds, 10):6.1f})"

    def __add__(self, other: Timing) -> Timing:
        return Timing(self.seconds + other.seconds)


def interleave(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Call each way once a round; each round begins with the next one."""
    names = list(ways)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for i in range(rounds):
        for name in _rotated(names, i):
            started = time.perf_counter()
            ways[name]()
            seconds[name].append(time.perf_counter() - started)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def times_as_long(plain: Timing, other: Timing) -> float:
    """`other` over `plain`: the median over rounds, each against its own."""
    return float(np.median(np.array(other.seconds) / np.array(plain.seconds)))


def _rotated(names: Sequence[str], by: int) -> list[str]:
    by %= len(names)
    return [*names[by:], *names[:by]]
