"""Run a model: a prompt and a RunConfig in, a stream of Steps out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from kvcore.cache import KVCache, make_cache
from kvcore.engine.cache_file import read
from kvcore.engine.feed import Feed, chunk_of
from kvcore.engine.session import Session
from kvcore.model.fingerprint import fingerprint
from kvcore.model.segments import Segment
from kvcore.model.transformer import Transformer
from kvcore.ops.attention import AttnState
from kvcore.ops.resumable import Resumable, finish
from kvcore.records.cache_specs import CacheSpec, Contiguous, NoCache
from kvcore.records.checks import check_kind, flag, whole_numbers
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.records.trace import Recording, Step, Trace, locked

if TYPE_CHECKING:
    from kvcore.text.tokenizer import Tokenizer


class Engine:
    """One model, shared by any number of runs and never written by them.

    The engine keeps nothing between calls: a run's cache belongs to the run. It is not a scheduler:
    callers that share cores take turns by themselves.
    """

    def __init__(self, model: Transformer, tokenizer: Tokenizer | None = None) -> None:
        check_kind("model", model, Transformer)
        self.model = model
        self.tokenizer = tokenizer

    def stream(self, ids: Sequence[int], run: RunConfig, capture: bool = True) -> Iterator[Step]:
        """Feed the prompt `ids`, then one sampled token after the other; yield each step.

        Stops after `max_new_tokens`, after a stop id, or when the model's `max_seq_len` is full.
        `capture=False` records nothing. Raises ValueError for an empty or too long prompt and for
        ids outside the vocabulary.
        """
        check_kind("run", run, RunConfig)
        flag("capture", capture)
        all_ids = self.checked(ids)
        cache = make_cache(run.cache, self.model.config, run.visibility)
        rng = torch.Generator().manual_seed(run.sampling.seed)
        recording = Recording() if capture else None
        for index in range(run.sampling.max_new_tokens):
            step = self.forward(
                all_ids,
                cache,
                index=index,
                visibility=run.visibility,
                recording=recording,
                sampling=run.sampling,
                rng=rng,
            )
            yield step
            if step.next_id in run.sampling.stop_ids:
                return
            if len(all_ids) == self.model.config.max_seq_len:
                return
            all_ids = (*all_ids, step.next_id)
            recording = step.recording

    def generate(self, ids: Sequence[int], run: RunConfig, capture: bool = True) -> Trace:
        """`stream`, collected."""
        prompt = self.checked(ids)
        steps = tuple(self.stream(prompt, run, capture))
        return Trace(model=self.model.config, run=run, prompt_ids=prompt, steps=steps)

    def session(
        self,
        *,
        capture: bool = True,
        cache: CacheSpec | None = None,
        visibility: Visibility | None = None,
        sampling: SamplingParams | None = None,
    ) -> Session:
        """A cache that follows a text while it is typed; `Contiguous()` by default."""
        run = RunConfig(
            cache=Contiguous() if cache is None else cache,
            visibility=Visibility() if visibility is None else visibility,
            sampling=SamplingParams() if sampling is None else sampling,
        )
        return Session(self, run, capture=capture)

    def resume(self, path: str | Path) -> Session:
        """The session that `Session.save` wrote: it goes on as that one would have.

        The file holds no queries, so the session captures nothing and `look` has nothing to show.
        Raises ValueError naming the file and what is wrong with it: a field, or another model.
        """
        check_kind("path", path, str, Path)
        return Session.resumed(self, read(path, self.fingerprint, self.model.config))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over config and weights: which model a saved cache belongs to."""
        return fingerprint(self.model)

    def forward(
        self,
        ids: tuple[int, ...],
        cache: KVCache,
        *,
        index: int,
        visibility: Visibility,
        recording: Recording | None,
        sampling: SamplingParams,
        rng: torch.Generator,
    ) -> Step:
        """One step: feed those of `ids` that `cache` does not hold. `seconds` is the model alone.

        `recording` is what was captured so far; what `cache` no longer holds of it is left out.
        None captures nothing.
        """
        feed = Feed(
            ids,
            cache,
            index=index,
            visibility=visibility,
            recording=recording,
            sampling=sampling,
            rng=rng,
        )
        return self.complete(feed)

    def complete(self, feed: Feed) -> Step:
        """Feed what is left of a step, by itself."""
        while feed.left:
            self.advance([feed], [len(feed.left)])
        return feed.step(self.model.config)

    @torch.inference_mode()
    def advance(self, feeds: Sequence[Feed], most: Sequence[int]) -> None:
        """One forward for all of `feeds`, each with its next tokens: `most[i]` of them at most."""
        chunks = [feed.next_chunk(n) for feed, n in zip(feeds, most, strict=True)]
        segments = [
            Segment(
                torch.tensor([chunk]),
                feed.cache,
                feed.visibility,
                None if feed.recording is None else [],
            )
            for feed, chunk in zip(feeds, chunks, strict=True)
        ]
        started = time.perf_counter()
        answers = self.model.feed(segments)
        seconds = time.perf_counter() - started
        for feed, chunk, segment, logits in zip(feeds, chunks, segments, answers, strict=True):
            feed.record_forward(len(chunk), logits[0, -1], segment.record, seconds)

    def recompute(
        self, ids: Sequence[int], visibility: Visibility | None = None
    ) -> tuple[np.ndarray, Recording]:
        """One forward without a cache over all of `ids`: logits (S, V) and its recording."""
        return finish(self.recomputing(ids, visibility))

    @torch.inference_mode()
    def recomputing(
        self, ids: Sequence[int], visibility: Visibility | None = None
    ) -> Resumable[tuple[np.ndarray, Recording]]:
        """`recompute`, with a pause after each layer."""
        rule = Visibility() if visibility is None else visibility
        cache = make_cache(NoCache(), self.model.config, rule)
        states: list[AttnState] = []
        fed = Segment(torch.tensor([self.checked(ids)]), cache, rule, states)
        [logits] = yield from self.model.in_layers([fed], every_position=True)
        return locked(logits[0].numpy()), Recording().append(chunk_of(states))

    @staticmethod
    def check(engine: object) -> None:
        """ValueError for what is no engine."""
        check_kind("engine", engine, Engine, why=": a Decoder has one, decoder.engine")

    def checked(self, ids: Sequence[int]) -> tuple[int, ...]:
        """`ids` as a tuple of ints, from a sequence, an array or a tensor of one dimension.

        ValueError when they are none, too many, or not all ids of this model.
        """
        config = self.model.config
        tokens = whole_numbers(
            "ids", ids, config.vocab_size - 1, why=": encode the text with this model's tokenizer"
        )
        if not tokens:
            raise ValueError("0 tokens: give at least 1")
        if len(tokens) > config.max_seq_len:
            raise ValueError(
                f"{len(tokens)} tokens do not fit max_seq_len={config.max_seq_len}: feed fewer "
                "tokens"
            )
        return tokens
