"""How far apart two runs are: logits, and rows of K and V in each layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from reprlib import repr as short

import numpy as np

from kvcore.engine.engine import Engine
from kvcore.ops.resumable import Resumable, finish
from kvcore.records.checks import check_kind, whole
from kvcore.records.config import Visibility
from kvcore.records.step_timings import RaceResult
from kvcore.records.trace import Recording, Step
from kvcore.study.distance import Far
from kvcore.study.fp64 import Found, replayed

TOLERANCE = 2e-4  # fp32: what the order of the sums does to the logits of most texts
SHRINKS = 1e5  # at least; fp64 rounds 5e8 times finer, and a mistake does not shrink
ROOM = 20  # times what rounding was seen to do; honest runs of 821 texts, at most 4.2 times


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How far a run is from its recomputation, and whether rounding in fp32 explains it.

    Cached and recomputed add the same numbers in another order. Of most texts that moves no logit
    by more than TOLERANCE; some amplify what is rounded away. A larger gap is judged by what fp32
    can give on that very text: it runs again in fp64, with a plain cache and without, and the
    logits of each step and each row of K and V that the run's cache holds are compared with it.
    None may be more than ROOM times as far off as rounding was seen to put it there.

    Of 67 English words that SmolLM2 read 16 times each, this allows a row to be off by 2.2e-5 of
    its length in the median and by 7.3e-3 where rounding moves it most; of logits, by 1.7 after one
    token of one text. So a row that is zero, stale, rotated wrongly, of another token or 1.01 times
    as large is found wherever it was tried. Where `gap` is usual, no row is looked at.
    """

    gap: float  # largest difference of any logit, in the numbers of the run
    gap64: float | None = None  # of both ways in fp64; None where `gap` is usual
    rounding: float | None = None  # what fp32 alone was seen to move in this text; see fp64.py
    furthest: Far | None = None  # the first that is beyond ROOM, else the furthest
    n_rows: int = 0  # of K and V that were compared; 0 where the cache keeps none, or has changed

    @property
    def equal(self) -> bool:
        """Whether the two differ by rounding alone; never with a NaN or an infinity."""
        if self.gap64 is None or self.rounding is None or self.furthest is None:
            return self.gap <= TOLERANCE
        if not (self.gap < math.inf and self.rounding < math.inf):
            return False
        return SHRINKS * self.gap64 <= self.gap and self.furthest.times <= ROOM

    def __str__(self) -> str:
        if self.gap64 is None or self.furthest is None:
            return f"largest logit gap {self.gap:.1e} in fp32"
        both = f"largest logit gap {self.gap:.1e} in fp32, {self.gap64:.1e} in fp64"
        if not self.equal:
            return f"{both}: not equal, {self.furthest}"
        return f"{both}: only rounding{'' if self.n_rows else ', by the logits alone'}"


def max_gap(a: np.ndarray, b: np.ndarray) -> float:
    """Largest absolute difference; NaN where there is one.

    ValueError for arrays of different shapes, or without a number.
    """
    check_kind("a", a, np.ndarray)
    check_kind("b", b, np.ndarray)
    if a.shape != b.shape or not a.size:
        raise ValueError(f"arrays of shapes {a.shape} and {b.shape}: give two of one shape")
    return float(np.abs(a - b).max())


def verify(engine: Engine, steps: Sequence[Step]) -> Verdict:
    """`verifying`, all at once."""
    return finish(verifying(engine, steps))


def verifying(engine: Engine, steps: Sequence[Step]) -> Resumable[Verdict]:
    """Recompute a run without a cache, and judge the largest gap between any logit of the two.

    One forward over the last step's tokens gives the logits at every position; each step's logits
    are compared with those at its last token. All steps must belong to one run, the last one the
    longest. The rows of K and V are those that the cache of the last step holds when this begins.
    Pauses after each layer. Raises ValueError without a step, and when a step's tokens are not a
    prefix of it.
    """
    Engine.check(engine)
    if not isinstance(steps, Sequence) or not steps:
        raise ValueError(f"steps={short(steps)} must be at least 1 step of a run: give trace.steps")
    for i, step in enumerate(steps):
        check_kind(f"steps[{i}]", step, Step)
    ids, rule = steps[-1].ids, steps[-1].visibility
    stored = steps[-1].rows.copied()  # now: a session may go on while this pauses
    recomputed, _ = yield from engine.recomputing(ids, rule)
    for step in steps:
        if step.ids != ids[: len(step.ids)]:
            raise ValueError(f"step {step.index} is not of this run: its tokens differ")
    ends = [len(step.ids) for step in steps]
    gaps = [
        max_gap(step.logits, recomputed[end - 1]) for step, end in zip(steps, ends, strict=True)
    ]
    cuts = sorted({steps[0].start, *ends} - {0})
    again = replayed(engine.model, ids, cuts, rule, stored or ())
    return (yield from _judged(gaps, ends, again))


def verifying_race(engine: Engine, prompt: Sequence[int], result: RaceResult) -> Resumable[Verdict]:
    """Judge the largest gap of a race that began with `prompt`. Pauses after each layer."""
    Engine.check(engine)
    check_kind("result", result, RaceResult)
    prompt = engine.checked(prompt)
    ids = (*prompt, *result.new_ids[:-1])
    ends = range(len(prompt), len(ids) + 1)
    stored = result.rows.copied() if result.rows else None
    again = replayed(engine.model, ids, ends, Visibility(), stored or ())
    return (yield from _judged(result.gaps.tolist(), ends, again))


def _judged(
    gaps: Sequence[float], ends: Sequence[int], again: Resumable[Found]
) -> Resumable[Verdict]:
    """Judge the gap of each step, which ends before the token at one of `ends`."""
    gap = float(np.max(gaps))  # NaN if there is one
    if gap <= TOLERANCE:
        return Verdict(gap=gap)
    found = yield from again
    at = np.array(ends) - 1
    logits = [
        Far(of_step / found.rounding[pos], "logits", int(pos))
        for of_step, pos in zip(gaps, at, strict=True)
        if not of_step <= TOLERANCE
    ]
    return Verdict(
        gap=gap,
        gap64=float(found.cached[at].max()),
        rounding=float(found.rounding.max()),
        furthest=_worst([*found.rows, *logits]),
        n_rows=found.n_rows,
    )


def _worst(places: Sequence[Far]) -> Far:
    """The first that rounding does not explain, from which others follow; else the furthest."""
    beyond = [place for place in places if not place.times <= ROOM]
    return beyond[0] if beyond else max(places, key=lambda place: place.times)


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Change:
    """Relative change of each token's row between two runs: |b - a| / |a|, 0 where nothing moved.

    A row is the token's K (or V) of all kv heads in one layer.
    """

    k: np.ndarray  # (L, n)
    v: np.ndarray  # (L, n)

    @property
    def most(self) -> float:
        """The largest change of any row."""
        return float(np.maximum(self.k.max(), self.v.max()))


def row_change(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Relative change of the rows of one layer: (n, Hkv, D) twice in, (n,) out."""
    change: np.ndarray = np.sqrt(np.square(b - a).sum((1, 2)) / np.square(a).sum((1, 2)))
    return change


def changed_rows(a: Recording, b: Recording, n_kv_heads: int) -> Change:
    """Compare the first n positions of two recordings, n the shorter one's length.

    Keys are compared before RoPE, which changes no length.
    """
    check_kind("a", a, Recording)
    check_kind("b", b, Recording)
    n_kv_heads, n = whole("n_kv_heads", n_kv_heads), min(a.n_tokens, b.n_tokens)
    if not n:
        raise ValueError(f"{a.n_tokens} and {b.n_tokens} tokens recorded: give at least 1 of each")
    k: list[np.ndarray] = []
    v: list[np.ndarray] = []
    for layer in range(len(a.chunks[0].qkv)):
        rows_a, rows_b = a.layer(layer)[:n], b.layer(layer)[:n]  # (n, H + 2 Hkv, D)
        for out, heads in ((k, slice(-2 * n_kv_heads, -n_kv_heads)), (v, slice(-n_kv_heads, None))):
            out.append(row_change(rows_a[:, heads], rows_b[:, heads]))
    return Change(k=np.stack(k), v=np.stack(v))
