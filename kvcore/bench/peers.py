"""Other programs over the same weights, each measured only where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kvcore.bench.interleave import Timing, interleave


class Transformers:
    """One fp32 forward of transformers a step, with DynamicCache: no `generate` around it."""

    def __init__(self, folder: Path) -> None:
        self.library: Any = importlib.import_module("transformers")
        self.library.utils.logging.disable_progress_bar()
        load = self.library.AutoModelForCausalLM.from_pretrained
        self.model = load(folder, dtype=torch.float32).eval()
        self.cache: Any = None
        self.new_ids: list[int] = []

    def prefill(self, ids: Sequence[int]) -> None:
        self.cache, self.new_ids = self.library.DynamicCache(), []
        self._feed(ids)

    def decode(self) -> None:
        self._feed(self.new_ids[-1:])

    def choose_attention(self, ids: Sequence[int]) -> str:
        """Set and return the attention that decodes faster here: eager or sdpa."""
        timings = {"eager": Timing(()), "sdpa": Timing(())}
        for _ in range(6):
            for name in timings:
                self.model.set_attn_implementation(name)
                self.prefill(ids)
                timings[name] += interleave({name: self.decode}, 4)[name]
        best = min(timings, key=lambda name: timings[name].median)
        self.model.set_attn_implementation(best)
        return best

    @torch.inference_mode()
    def _feed(self, ids: Sequence[int]) -> None:
        fed = torch.tensor([list(ids)])
        out = self.model(fed, cache=self.cache, use_cache=True, logits_to_keep=1)
        self.new_ids.append(int(out.logits[0, -1].argmax()))


class LlamaCpp:
    """llama.cpp on a GGUF file; its cache is fp16 unless told otherwise, as its users have it."""

    def __init__(self, gguf: Path, most_tokens: int) -> None:
        self.library: Any = importlib.import_module("llama_cpp")
        threads = torch.get_num_threads()
        self.llama = self.library.Llama(
            str(gguf),
            n_ctx=most_tokens,
            n_threads=threads,
            n_threads_batch=threads,
            verbose=False,
        )
        self.new_ids: list[int] = []

    def prefill(self, ids: Sequence[int]) -> None:
        self.llama.reset()
        self.new_ids = []
        self._feed(ids)

    def decode(self) -> None:
        self._feed(self.new_ids[-1:])

    def _feed(self, ids: Sequence[int]) -> None:
        self.llama.eval(list(ids))
        last = self.library.llama_get_logits_ith(self.llama.ctx, -1)
        self.new_ids.append(int(np.ctypeslib.as_array(last, (self.llama.n_vocab(),)).argmax()))


def installed(package: str) -> bool:
    """Whether `package` can be imported; it is not imported to find out."""
    return importlib.util.find_spec(package) is not None
