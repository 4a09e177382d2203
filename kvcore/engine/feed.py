"""A step under way: tokens that a cache does not hold yet, fed in one forward or in several."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kvcore.cache import KVCache, StepRows
from kvcore.cache.none import NoCacheLayer
from kvcore.engine.sampling import sample
from kvcore.ops.attention import AttnState
from kvcore.records.config import ModelConfig, SamplingParams, Visibility
from kvcore.records.trace import Chunk, Recording, Step, locked


class Feed:
    """Those of `ids` that `cache` does not hold, and what their forwards have given so far.

    `recording` is what was captured before; None captures nothing.
    """

    def __init__(
        self,
        ids: tuple[int, ...],
        cache: KVCache,
        *,
        index: int,
        visibility: Visibility,
        recording: Recording | None,
        sampling: SamplingParams,
        rng: torch.Generator,
        dropped: int = 0,
    ) -> None:
        self.ids = ids
        self.cache = cache
        self.index = index
        self.visibility = visibility
        self.sampling = sampling
        self.rng = rng
        self.dropped = dropped
        self.start = cache.seq_len
        # Without a cache nothing is reused: what earlier steps recorded is fed again.
        self.recording = recording.crop(self.start) if recording else None
        self.left = ids[self.start :]  # the prompt, then one token; without a cache, everything
        self.seconds = 0.0
        self.logits: Tensor | None = None  # (V,) of the last token fed

    def next_chunk(self, most: int) -> tuple[int, ...]:
        """The tokens of the next forward: `most` at most, if they can be cut at all.

        Without a cache a cut would forget its first part, and without a mask it would hide the
        second part from the first.
        """
        whole = isinstance(self.cache[0], NoCacheLayer) or not self.visibility.causal
        n = len(self.left) if whole else min(most, len(self.left))
        return self.left[: self.cache.at_once(n)]

    def record_forward(
        self, n: int, logits: Tensor, states: Sequence[AttnState] | None, seconds: float
    ) -> None:
        """`n` tokens were fed, in a forward of `seconds`."""
        self.left = self.left[n:]
        # A copy: the logits of all sequences in the forward share their memory.
        self.logits = logits.clone()
        self.seconds += seconds
        if self.recording is not None and states is not None:
            self.recording = self.recording.append(chunk_of(states))

    def roll_back(self) -> None:
        """Forget what a forward that failed has stored, in some layers or in all."""
        fed = len(self.ids) - len(self.left)
        self.cache.crop(min(fed, self.cache.seq_len))

    def step(self, model: ModelConfig) -> Step:
        """The record of it all, with the next token; once nothing is left."""
        assert self.logits is not None and not self.left
        return Step(
            index=self.index,
            phase="decode" if self.index else "prefill",
            ids=self.ids,
            start=self.start,
            dropped=self.dropped,
            next_id=sample(self.logits, self.sampling, self.rng),
            logits=locked(self.logits.numpy()),
            seconds=self.seconds,
            cache=self.cache.snapshot(),
            rows=StepRows.of(self.cache),
            model=model,
            visibility=self.visibility.within(model.reach),
            recording=self.recording,
        )


def chunk_of(states: Sequence[AttnState]) -> Chunk:
    """Each layer's q, k and v, copied: what else the forward computed need not be kept for them."""
    return Chunk(qkv=locked(torch.stack([state.qkv[0] for state in states]).numpy()))
