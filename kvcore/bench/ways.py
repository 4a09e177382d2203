"""Ways to write on from a prompt, one step at a time, as their own users would call them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from kvcore.engine.engine import Engine
from kvcore.records.config import RunConfig, SamplingParams
from kvcore.records.trace import Step


class Way(Protocol):
    """Greedy, with a cache, logits of the last token only."""

    new_ids: list[int]  # since the last prefill

    def prefill(self, ids: Sequence[int]) -> None:
        """Begin anew with `ids` and choose a token."""
        ...

    def decode(self) -> None:
        """Feed the token chosen last and choose the next."""
        ...


class Kvcore:
    """`Engine.stream`, with all it does besides the model."""

    def __init__(self, engine: Engine, capture: bool = False) -> None:
        self.engine, self.capture = engine, capture
        self.new_ids: list[int] = []
        self.steps: Iterator[Step] = iter(())

    def prefill(self, ids: Sequence[int]) -> None:
        endless = SamplingParams(max_new_tokens=self.engine.model.config.max_seq_len)
        self.steps = self.engine.stream(ids, RunConfig(sampling=endless), capture=self.capture)
        self.new_ids = []
        self.decode()

    def decode(self) -> None:
        self.new_ids.append(next(self.steps).next_id)
