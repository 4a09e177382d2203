"""Ways to write on from a prompt, one step at a time, each as its own users would call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from transformers import DynamicCache, LlamaForCausalLM

from kvcore.config import CacheSpec, RunConfig, SamplingParams
from kvcore.engine import Engine
from kvcore.trace import Step


class Way(Protocol):
    """Greedy, in fp32, logits of the last token only."""

    new_ids: list[int]  # since the last prefill

    def prefill(self, ids: Sequence[int]) -> None:
        """Begin anew with `ids` and choose a token."""
        ...

    def decode(self) -> None:
        """Feed the token chosen last and choose the next."""
        ...


class Kvcore:
    """`Engine.stream`, with all it does besides the model."""

    def __init__(self, engine: Engine, cache: CacheSpec, capture: bool = False) -> None:
        self.engine, self.cache, self.capture = engine, cache, capture
        self.new_ids: list[int] = []
        self.steps: Iterator[Step] = iter(())

    def prefill(self, ids: Sequence[int]) -> None:
        endless = SamplingParams(max_new_tokens=self.engine.model.config.max_seq_len)
        run = RunConfig(cache=self.cache, sampling=endless)
        self.steps = self.engine.stream(ids, run, capture=self.capture)
        self.new_ids = []
        self.decode()

    def decode(self) -> None:
        self.new_ids.append(next(self.steps).next_id)


class Transformers:
    """One forward of transformers' Llama a step, with DynamicCache: no `generate` around it."""

    def __init__(self, model: LlamaForCausalLM) -> None:
        self.model = model
        self.new_ids: list[int] = []
        self.cache = DynamicCache()

    def prefill(self, ids: Sequence[int]) -> None:
        self.cache, self.new_ids = DynamicCache(), []
        self._feed(ids)

    def decode(self) -> None:
        self._feed(self.new_ids[-1:])

    @torch.inference_mode()
    def _feed(self, ids: Sequence[int]) -> None:
        fed = torch.tensor([list(ids)])
        out = self.model(fed, cache=self.cache, use_cache=True, logits_to_keep=1)
        self.new_ids.append(int(out.logits[0, -1].argmax()))
