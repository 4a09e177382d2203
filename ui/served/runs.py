"""The runs that pages show: computed once for a prompt, shared by everyone who asks for it.

Every function asks the model through `host` and returns read-only records. The memos are
bounded by count; on SmolLM2 a recording costs about 115 KB a token, and the cache that its steps
lead to 45 KB a slot. What is timed is kept for its day (UTC) at most, so that whoever writes the
day beside the times is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import kvcore
from kvcore import (
    Change,
    Counts,
    Decoder,
    Deletion,
    Lap,
    RaceResult,
    RunConfig,
    SamplingParams,
    Step,
    Trace,
    Visibility,
)
from kvcore.study.deletion import Rows
from ui.served import host

Ids = tuple[int, ...]


def today() -> date:
    """The day that a timed run is of."""
    return datetime.now(UTC).date()


def read(decoder: Decoder, ids: Ids) -> Step:
    """A text read at once, as a visit that opens on it does."""
    return _read(decoder, ids, today())


@lru_cache(maxsize=8)
def _read(decoder: Decoder, ids: Ids, _day: date) -> Step:
    return host.scheduler.update(decoder.engine.session(), ids).result()


@lru_cache(maxsize=8)
def arrival(decoder: Decoder, ids: Ids) -> Step:
    """The last token arriving: a prefill of all the others, then one decode step."""
    session = decoder.engine.session()
    host.scheduler.update(session, ids[:-1]).result()
    return host.scheduler.update(session, ids).result()


def written(decoder: Decoder, ids: Ids, n_tokens: int) -> Trace:
    """The prompt and `n_tokens` greedy steps after it."""
    return _written(decoder, ids, n_tokens, today())


@lru_cache(maxsize=4)
def _written(decoder: Decoder, ids: Ids, n_tokens: int, _day: date) -> Trace:
    sampling = SamplingParams(max_new_tokens=n_tokens, stop_ids=decoder.tokenizer.stop_ids)
    run = RunConfig(sampling=sampling)
    stream = decoder.engine.stream(ids, run)
    # Step by step, so that nobody waits behind a whole run; alone, as the page shows their times.
    steps = tuple(iter(lambda: host.run(lambda: next(stream, None)), None))
    return Trace(model=decoder.config, run=run, prompt_ids=ids, steps=steps)


def laps(decoder: Decoder, ids: Ids, n_tokens: int, repeats: int) -> Iterator[Lap]:
    """The race both ways, as it is run: each pair of steps takes its own turn."""
    race = kvcore.race(decoder.engine, ids, n_tokens, repeats)
    return iter(lambda: host.run(lambda: next(race, None)), None)


def raced(decoder: Decoder, ids: Ids, n_tokens: int, repeats: int) -> RaceResult:
    """The race, run without a visitor who waits for it."""
    return _raced(decoder, ids, n_tokens, repeats, today())


@lru_cache(maxsize=32)
def _raced(decoder: Decoder, ids: Ids, n_tokens: int, repeats: int, _day: date) -> RaceResult:
    return RaceResult.of(tuple(laps(decoder, ids, n_tokens, repeats)))


@lru_cache(maxsize=64)
def deletion(decoder: Decoder, ids: Ids, rows: Rows, pos: int | None = None) -> Deletion:
    """The last token run again after rows were deleted."""
    return host.run(lambda: kvcore.delete(decoder.engine, ids, rows, pos))


@lru_cache(maxsize=64)
def counted(decoder: Decoder, ids: Ids) -> tuple[Counts, Counts]:
    """Counts of the forward that adds the last token: with a cache, and without."""
    return host.run(lambda: kvcore.count_last_step(decoder.engine, ids))


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """The effect of a text's last token on the rows of K and V before it."""

    masked: Change
    unmasked: Change


@lru_cache(maxsize=16)
def new_token(decoder: Decoder, ids: Ids) -> NewToken:
    """Run the text without its last token and with it, under the mask and without one."""
    return NewToken(
        masked=_change(decoder, ids[:-1], ids, Visibility()),
        unmasked=_change(decoder, ids[:-1], ids, Visibility(causal=False)),
    )


@lru_cache(maxsize=16)
def edited(decoder: Decoder, before: Ids, after: Ids) -> Change:
    """Rows of K and V that an edit of the text changes."""
    return _change(decoder, before, after, Visibility())


def _change(decoder: Decoder, before: Ids, after: Ids, visibility: Visibility) -> Change:
    first, second = (
        host.scheduler.submit_pieces(decoder.engine.recomputing(ids, visibility)).result()[1]
        for ids in (before, after)
    )
    return kvcore.changed_rows(first, second, decoder.config.n_kv_heads)
