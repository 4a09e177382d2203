"""A cache that follows a text while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from kvcore.cache import make_cache
from kvcore.cache_file import Saved, write
from kvcore.config import RunConfig
from kvcore.trace import Recording, Step

if TYPE_CHECKING:
    from kvcore.engine import Engine


EMPTY = "0 tokens in this session: update(text) first"


class Session:
    """Keeps the cache of one text, and changes it as the text changes.

    A session owns its cache and is not thread-safe: one caller at a time.
    """

    def __init__(self, engine: Engine, run: RunConfig, *, capture: bool) -> None:
        self.engine = engine
        self.run = run
        self.cache = make_cache(run.cache, engine.model.config, run.visibility)
        self.capture = capture
        self.rng = torch.Generator().manual_seed(run.sampling.seed)
        self.last: Step | None = None

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
        ids = self.engine.checked(self._encode(text) if isinstance(text, str) else text)
        if self.last and ids == self.ids:
            return self.last
        pairs = zip(ids, self.ids, strict=False)
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return self._feed(ids, keep=min(common, len(ids) - 1))

    def step(self) -> Step:
        """Append the token that the last step chose.

        Raises ValueError before the first `update` and when the model's `max_seq_len` is full.
        """
        if self.last is None:
            raise ValueError(EMPTY)
        return self._feed(self.engine.checked((*self.ids, self.last.next_id)), keep=len(self.ids))

    def save(self, path: str | Path) -> None:
        """Write the cache, and what is needed to go on from it, to a safetensors file.

        `Engine.resume` reads it. Raises ValueError before the first `update`, after a step that was
        interrupted, and for a kind of cache that cannot be saved.
        """
        if self.last is None:
            raise ValueError(EMPTY)
        saved = Saved(self.run, self.cache, self.last, self.rng.get_state())
        write(path, self.engine.fingerprint, saved)

    @classmethod
    def resumed(cls, engine: Engine, saved: Saved) -> Session:
        """A session that goes on where a saved one was."""
        session = cls(engine, saved.run, capture=False)
        session.cache, session.last = saved.cache, saved.last
        session.rng.set_state(saved.rng)
        return session

    def _feed(self, ids: tuple[int, ...], keep: int) -> Step:
        held = self.cache.seq_len
        try:
            self.cache.crop(min(keep, held))  # an interrupted step may have left less
        except ValueError:  # what the rest needs is evicted, or in codes: start over
            self.cache.crop(0)
        kept = self.cache.seq_len
        recording = None
        if self.capture:
            recording = self.last.recording if self.last else Recording()
        self.last = self.engine.forward(
            ids,
            self.cache,
            index=self.last.index + 1 if self.last else 0,
            visibility=self.run.visibility,
            recording=recording,
            sampling=self.run.sampling,
            rng=self.rng,
            dropped=held - kept,
        )
        return self.last

    def _encode(self, text: str) -> list[int]:
        if self.engine.tokenizer is None:
            raise ValueError("this engine has no tokenizer: give ids, or load a model with one")
        return self.engine.tokenizer.encode(text)
