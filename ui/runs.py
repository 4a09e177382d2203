"""The runs that pages show: computed once for a prompt, shared by everyone who asks for it.

Every function takes its turn at the model and returns read-only records. The memos are bounded by
count; a recording costs about 115 KB a token on SmolLM2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import kvcore
from kvcore import Change, Deletion, RunConfig, SamplingParams, Step, Trace, Visibility
from kvcore.deletion import Rows
from ui.host import decoder, turn

Ids = tuple[int, ...]


@lru_cache(maxsize=16)
def arrival(model: str, ids: Ids) -> Step:
    """The last token arriving: a prefill of all the others, then one decode step."""
    with turn():
        session = decoder(model).engine.session()
        session.update(ids[:-1])
        return session.update(ids)


@lru_cache(maxsize=8)
def written(model: str, ids: Ids, n_tokens: int) -> Trace:
    """The prompt and `n_tokens` greedy steps after it."""
    loaded = decoder(model)
    sampling = SamplingParams(max_new_tokens=n_tokens, stop_ids=loaded.tokenizer.stop_ids)
    with turn():
        return loaded.engine.generate(ids, RunConfig(sampling=sampling))


@lru_cache(maxsize=64)
def deletion(model: str, ids: Ids, rows: Rows, pos: int | None = None) -> Deletion:
    """The last token run again after rows were deleted."""
    with turn():
        return kvcore.delete(decoder(model).engine, ids, rows, pos)


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
    recordings = []
    for ids in (before, after):
        with turn():
            recordings.append(loaded.engine.recompute(ids, visibility)[1])
    return kvcore.changed_rows(recordings[0], recordings[1], loaded.config.n_kv_heads)
