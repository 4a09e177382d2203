"""Time the same tokens with and without a cache, step by step, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from kvcore.cache import KVCache, make_cache
from kvcore.compare import max_gap
from kvcore.config import Contiguous, NoCache, SamplingParams, Visibility
from kvcore.trace import Step

if TYPE_CHECKING:
    from kvcore.engine import Engine

WARM_UP_STEPS = 2


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


@dataclass(frozen=True, eq=False, kw_only=True)
class RaceResult:
    """Laps as arrays: a row a repeat, a column a step; seconds."""

    seen: np.ndarray  # (steps,)
    cached: np.ndarray  # (repeats, steps)
    recomputed: np.ndarray  # (repeats, steps)
    new_ids: tuple[int, ...]
    same_tokens: bool
    gap: float

    @classmethod
    def of(cls, laps: Sequence[Lap]) -> RaceResult:
        """Collect the laps of whole repeats."""
        steps = max(lap.index for lap in laps) + 1
        return cls(
            seen=np.array([lap.seen for lap in laps[:steps]]),
            cached=np.array([lap.cached_seconds for lap in laps]).reshape(-1, steps),
            recomputed=np.array([lap.recomputed_seconds for lap in laps]).reshape(-1, steps),
            new_ids=tuple(lap.next_id for lap in laps[:steps]),
            same_tokens=all(lap.same_token for lap in laps),
            gap=max(lap.gap for lap in laps),
        )

    @property
    def decode_seconds(self) -> tuple[float, float]:
        """Mean of a decode step, cached and recomputed; of each step its median over repeats."""
        cached, recomputed = (np.median(s, axis=0)[1:] for s in (self.cached, self.recomputed))
        return float(cached.mean()), float(recomputed.mean())

    @property
    def decode_ratio(self) -> float:
        """Recomputed over cached seconds of a decode step."""
        cached, recomputed = self.decode_seconds
        return recomputed / cached


def race(engine: Engine, ids: Sequence[int], n_tokens: int, repeats: int) -> Iterator[Lap]:
    """Generate `n_tokens` greedily after the prompt `ids`, both ways, `repeats` times.

    The steps are interleaved: cached, recomputed, cached, recomputed, on one clock, after an
    untimed warm-up of both. Nothing is captured. Ends a repeat early at a stop id of the tokenizer
    or when `max_seq_len` is full. Raises ValueError for counts below 2 tokens or 1 repeat: one
    token is a prefill alone.
    """
    if n_tokens < 2 or repeats < 1:
        raise ValueError(f"n_tokens={n_tokens}, repeats={repeats}: give at least 2 and 1")
    prompt = engine.checked(ids)
    for _ in _laps(engine, prompt, min(WARM_UP_STEPS, n_tokens), repeat=-1):
        pass
    for repeat in range(repeats):
        yield from _laps(engine, prompt, n_tokens, repeat)


def _laps(engine: Engine, prompt: tuple[int, ...], n_tokens: int, repeat: int) -> Iterator[Lap]:
    config = engine.model.config
    stop_ids = engine.tokenizer.stop_ids if engine.tokenizer else ()
    kept, none = make_cache(Contiguous(), config), make_cache(NoCache(), config)
    ids = prompt
    for index in range(n_tokens):
        cached = _step(engine, ids, kept, index)
        recomputed = _step(engine, ids, none, index)
        yield Lap(
            repeat=repeat,
            index=index,
            seen=len(ids),
            cached_seconds=cached.seconds,
            recomputed_seconds=recomputed.seconds,
            next_id=cached.next_id,
            same_token=cached.next_id == recomputed.next_id,
            gap=max_gap(cached.logits, recomputed.logits),
        )
        if cached.next_id in stop_ids or len(ids) == config.max_seq_len:
            return
        ids = (*ids, cached.next_id)


def _step(engine: Engine, ids: tuple[int, ...], cache: KVCache, index: int) -> Step:
    return engine.forward(
        ids,
        cache,
        index=index,
        visibility=Visibility(),
        recording=None,
        sampling=SamplingParams(),
        rng=torch.Generator(),
    )
