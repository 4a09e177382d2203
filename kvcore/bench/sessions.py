"""Tokens per second of several sessions that decode together, against one alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from kvcore.bench.interleave import interleave, times_as_long
from kvcore.cache.batch import merge_into_batch
from kvcore.engine.engine import Engine
from kvcore.engine.session import Session

COUNTS = (1, 2, 4, 8, 16)


def compare_sessions(name: str, engine: Engine, ids: Sequence[int], steps: int) -> Iterator[str]:
    """A line a number of sessions: time of a forward for all, tokens per second, ratio to one.

    The sessions hold beginnings of `ids`, no two alike and half of it in the mean; they record
    nothing.
    """
    ways: dict[str, Callable[[], object]] = {}
    for count in COUNTS:
        sessions = [engine.session(capture=False) for _ in range(count)]
        for i, session in enumerate(sessions):
            session.update(ids[: max(1, len(ids) * (2 * i + 1) // (2 * count))])
        ways[str(count)] = partial(step_together, engine, sessions)
    timings = interleave(ways, steps)
    title = f"{name}, sessions of about {len(ids) // 2} tokens"
    yield f"\n{title:<40}{'ms':>19}{'tokens/s':>12}{'ratio':>9}"
    alone = timings[str(COUNTS[0])]
    for count, timing in zip(COUNTS, timings.values(), strict=True):
        ratio = count / times_as_long(alone, timing)
        yield f"{count:<40}{timing!s:>19}{count / timing.median:>12.1f}{ratio:>7.2f} x"


def step_together(engine: Engine, sessions: Sequence[Session]) -> None:
    """`session.step()` of all in one forward: a scheduler's, when they wait together again."""
    feeds = [session.begin_step() for session in sessions]
    merge_into_batch([session.cache for session in sessions])
    engine.advance(feeds, [1] * len(feeds))
    for session, feed in zip(sessions, feeds, strict=True):
        session.finish(feed)
