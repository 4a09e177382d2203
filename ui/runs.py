"""The runs that pages show: computed once for a prompt, shared by everyone who asks for it.

Every function asks the model through `host` and returns read-only records. The memos are
bounded by count; a recording costs about 115 KB a token on SmolLM2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import kvcore
from kvcore import Change, Counts, Deletion, RunConfig, SamplingParams, Step, Trace, Visibility
from kvcore.deletion import Rows
from ui import host
from ui.host import decoder

Ids = tuple[int, ...]


@lru_cache(maxsize=8)
def arrival(model: str, ids: Ids) -> Step:
    """The last token arriving: a prefill of all the others, then one decode step."""
    session = decoder(model).engine.session()
    host.scheduler.update(session, ids[:-1]).result()
    return host.scheduler.update(session, ids).result()


@lru_cache(maxsize=4)
def written(model: str, ids: Ids, n_tokens: int) -> Trace:
    """The prompt and `n_tokens` greedy steps after it."""
    loaded = decoder(model)
    sampling = SamplingParams(max_new_tokens=n_tokens, stop_ids=loaded.tokenizer.stop_ids)
    run = RunConfig(sampling=sampling)
    stream = loaded.engine.stream(ids, run)
    # Step by step, so that nobody waits behind a whole run; alone, as the page shows their times.
    steps = tuple(iter(lambda: host.run(lambda: next(stream, None)), None))
    return Trace(model=loaded.config, run=run, prompt_ids=ids, steps=steps)


@lru_cache(maxsize=64)
def deletion(model: str, ids: Ids, rows: Rows, pos: int | None = None) -> Deletion:
    """The last token run again after rows were deleted."""
    return host.run(lambda: kvcore.delete(decoder(model).engine, ids, rows, pos))


@lru_cache(maxsize=64)
def counted(model: str, ids: Ids) -> tuple[Counts, Counts]:
    """What the forward that adds the last token computes: with a cache, and without."""
    return host.run(lambda: kvcore.count_last_step(decoder(model).engine, ids))


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """What the last token of a text does to the rows of K and V before it."""

    masked: Change
    unmasked: Change


@lru_cache(maxsize=16)
def new_token(model: str, ids: Ids) -> NewToken:
    """Run the text without its last token and with it, under the mask and without one."""
    return NewToken(
        masked=_change(model, ids[:-1], ids, Visibility()),
        unmasked=_change(model, ids[:-1], ids, Visibility(causal=False)),
    )


@lru_cache(maxsize=16)
def edited(model: str, before: Ids, after: Ids) -> Change:
    """Rows of K and V that an edit of the text changes."""
    return _change(model, before, after, Visibility())


def _change(model: str, before: Ids, after: Ids, visibility: Visibility) -> Change:
    loaded = decoder(model)
    first, second = (
        host.scheduler.submit_pieces(loaded.engine.recomputing(ids, visibility)).result()[1]
        for ids in (before, after)
    )
    return kvcore.changed_rows(first, second, loaded.config.n_kv_heads)
