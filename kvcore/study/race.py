"""Time the same tokens with and without a cache, step by step, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from kvcore.cache import KVCache, make_cache
from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import Contiguous, NoCache
from kvcore.records.checks import whole
from kvcore.records.config import SamplingParams, Visibility
from kvcore.records.step_timings import Lap
from kvcore.records.trace import Step
from kvcore.study.compare import max_gap

WARM_UP_STEPS = 2


def race(engine: Engine, ids: Sequence[int], n_tokens: int, repeats: int) -> Iterator[Lap]:
    """Generate `n_tokens` greedily after the prompt `ids`, both ways, `repeats` times.

    The steps are interleaved: cached, recomputed, cached, recomputed, on one clock, after an
    untimed warm-up of both. Nothing is captured. Ends a repeat early at a stop id of the tokenizer
    or when `max_seq_len` is full. Raises ValueError for counts below 2 tokens or 1 repeat: one
    token is a prefill alone.
    """
    Engine.check(engine)
    n_tokens = whole("n_tokens", n_tokens, 2, why=": one token is a prefill alone")
    repeats = whole("repeats", repeats)
    return _race(engine, engine.checked(ids), n_tokens, repeats)


def _race(engine: Engine, prompt: tuple[int, ...], n_tokens: int, repeats: int) -> Iterator[Lap]:
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
            rows=cached.rows,
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
