"""A cache that follows a text while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from kvcore.cache import make_cache
from kvcore.engine.cache_file import Saved, write
from kvcore.engine.feed import Feed
from kvcore.model.transformer import Transformer
from kvcore.records.checks import check_kind, flag
from kvcore.records.config import RunConfig
from kvcore.records.trace import Recording, Step

if TYPE_CHECKING:
    from kvcore.engine.engine import Engine


EMPTY = "0 tokens in this session: update(text) first"


class Session:
    """Keeps the cache of one text, and changes it as the text changes.

    A session owns its cache and is not thread-safe: one caller at a time.
    """

    def __init__(self, engine: Engine, run: RunConfig, *, capture: bool) -> None:
        model, why = getattr(engine, "model", None), ": give an Engine, as decoder.engine"
        check_kind("engine.model", model, Transformer, why=why)
        check_kind("run", run, RunConfig)
        self.engine = engine
        self.run = run
        self.capture = flag("capture", capture)
        self.clear()

    def clear(self) -> None:
        """Forget the text and release the cache's memory; what follows runs as in a new session."""
        self.cache = make_cache(self.run.cache, self.engine.model.config, self.run.visibility)
        self.rng = torch.Generator().manual_seed(self.run.sampling.seed)
        self.last: Step | None = None
        self._kept = 0  # tokens of the text that the cache holds, however far the last feed came

    @property
    def ids(self) -> tuple[int, ...]:
        """Every token the cache holds."""
        return self.last.ids if self.last else ()

    def update(self, text: str | Sequence[int]) -> Step:
        """Make the cache hold `text` (or ids): keep the common prefix, drop the rest, feed the new.

        At least the last token is always fed, because its logits are wanted; the text the cache
        holds already runs nothing and returns the last step again. Raises ValueError for an empty
        or too long text, and for a str when the engine has no tokenizer.
        """
        return self.finish(self.begin(text))

    def step(self) -> Step:
        """Append the token that the last step chose.

        Raises ValueError before the first `update` and when the model's `max_seq_len` is full.
        """
        return self.finish(self.begin_step())

    def begin(self, text: str | Sequence[int]) -> Feed | None:
        """`update` up to its forwards: crop the cache; None when there is nothing to run.

        A feed may be given up half-way: the next one starts from what is known to be right.
        """
        ids = self.engine.checked(self._encode(text) if isinstance(text, str) else text)
        if self.last and ids == self.ids and self._kept == len(ids):
            return None
        pairs = zip(ids, self.ids, strict=False)
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return self._feed(ids, keep=min(common, len(ids) - 1))

    def begin_step(self) -> Feed:
        """`step` up to its forward."""
        if self.last is None:
            raise ValueError(EMPTY)
        return self._feed(self.engine.checked((*self.ids, self.last.next_id)), keep=len(self.ids))

    def finish(self, feed: Feed | None) -> Step:
        """Feed what is left of a step that was begun; the last step again where there is none."""
        if feed:
            self.last = self.engine.complete(feed)
            self._kept = len(feed.ids)
        assert self.last
        return self.last

    def save(self, path: str | Path) -> None:
        """Write the cache, and what is needed to go on from it, to a safetensors file.

        `Engine.resume` reads it. Raises ValueError before the first `update`, after a step that was
        interrupted, and for a kind of cache that cannot be saved.
        """
        check_kind("path", path, str, Path)
        if self.last is None:
            raise ValueError(EMPTY)
        saved = Saved(self.run, self.cache, self.last, self.rng.get_state())
        write(path, self.engine.fingerprint, saved)

    @classmethod
    def resumed(cls, engine: Engine, saved: Saved) -> Session:
        """A session that goes on where a saved one was."""
        session = cls(engine, saved.run, capture=False)
        session.cache, session.last = saved.cache, saved.last
        session._kept = len(saved.last.ids)
        session.rng.set_state(saved.rng)
        return session

    def _feed(self, ids: tuple[int, ...], keep: int) -> Feed:
        held = min(self._kept, self.cache.seq_len)
        try:
            self.cache.crop(min(keep, held))
        except ValueError:  # what the rest needs is evicted, or in codes: start over
            self.cache.crop(0)
        self._kept = self.cache.seq_len
        recording = None
        if self.capture:
            recording = self.last.recording if self.last else Recording()
        return Feed(
            ids,
            self.cache,
            index=self.last.index + 1 if self.last else 0,
            visibility=self.run.visibility,
            recording=recording,
            sampling=self.run.sampling,
            rng=self.rng,
            dropped=held - self._kept,
        )

    def _encode(self, text: str) -> list[int]:
        if self.engine.tokenizer is None:
            raise ValueError("this engine has no tokenizer: give ids, or load a model with one")
        return self.engine.tokenizer.encode(text)
