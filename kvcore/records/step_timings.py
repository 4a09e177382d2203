"""Measured steps of a run with and without a cache, side by side: no torch, no computing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from reprlib import repr as short
from typing import Literal

import numpy as np

from kvcore.records.checks import check_kind
from kvcore.records.rows import Rows

EQUAL = 0.05  # a ratio as near to 1 is none: steps of one run differ by more
LITTLE = 1.2  # below this speed-up, the cache gained little

Verdict = Literal["slower", "equal", "little", "faster"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lap:
    """One step, run both ways on the same tokens, one right after the other."""

    repeat: int
    index: int  # 0 is the prefill, which both ways compute in full
    seen: int  # tokens in context, those fed included
    cached_seconds: float
    recomputed_seconds: float
    next_id: int  # chosen by the cached run and fed to both
    same_token: bool  # recomputing chose it too
    gap: float  # largest absolute difference between the logits of the two
    rows: Rows | None = None  # of the cached run; a lap that is not to be verified has none


@dataclass(frozen=True, eq=False, kw_only=True)
class RaceResult:
    """Laps as arrays: a row a repeat, a column a step; seconds."""

    seen: np.ndarray  # (steps,)
    cached: np.ndarray  # (repeats, steps)
    recomputed: np.ndarray  # (repeats, steps)
    new_ids: tuple[int, ...]
    same_tokens: bool
    gaps: np.ndarray  # (steps,) the largest of all repeats
    rows: Rows | None  # what the cache of the repeat holds that `new_ids` are of, the first

    @classmethod
    def of(cls, laps: Sequence[Lap]) -> RaceResult:
        """Collect the laps of whole repeats."""
        if not isinstance(laps, Sequence) or not laps:
            raise ValueError(f"laps={short(laps)} must be at least 1 lap: give list(race(...))")
        for i, lap in enumerate(laps):
            check_kind(f"laps[{i}]", lap, Lap)
        steps = max(lap.index for lap in laps) + 1
        gaps = np.array([lap.gap for lap in laps]).reshape(-1, steps)
        return cls(
            seen=np.array([lap.seen for lap in laps[:steps]]),
            cached=np.array([lap.cached_seconds for lap in laps]).reshape(-1, steps),
            recomputed=np.array([lap.recomputed_seconds for lap in laps]).reshape(-1, steps),
            new_ids=tuple(lap.next_id for lap in laps[:steps]),
            same_tokens=all(lap.same_token for lap in laps),
            gaps=gaps.max(0),  # NaN if there is one
            rows=laps[steps - 1].rows,
        )

    @property
    def gap(self) -> float:
        """The largest of any step."""
        return float(self.gaps.max())

    @property
    def decode_seconds(self) -> tuple[float, float]:
        """Mean of a decode step, cached and recomputed; of each step its median over repeats."""
        cached, recomputed = (np.median(s, axis=0)[1:] for s in (self.cached, self.recomputed))
        return float(cached.mean()), float(recomputed.mean())

    @property
    def decode_ratio(self) -> float:
        """Recomputed over cached seconds of a decode step: the speed-up, below 1 if it is none."""
        cached, recomputed = self.decode_seconds
        return recomputed / cached

    @property
    def decode_ratios(self) -> np.ndarray:
        """The same of each repeat alone: (repeats,), whose spread says how sure the whole is."""
        ratios: np.ndarray = self.recomputed[:, 1:].mean(1) / self.cached[:, 1:].mean(1)
        return ratios

    @property
    def verdict(self) -> Verdict:
        """The verdict on the cache that the times of this run allow."""
        ratio, each = self.decode_ratio, self.decode_ratios
        if abs(ratio - 1) < EQUAL or (each.min() <= 1 <= each.max() and len(each) > 1):
            return "equal"
        if ratio < 1:
            return "slower"
        return "little" if ratio < LITTLE else "faster"
