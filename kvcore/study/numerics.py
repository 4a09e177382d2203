"""How equal cached and recomputed are, by the type of numbers that the model computes with.

The two add the same numbers in another order. In exact arithmetic that changes nothing; each type
of number rounds, and what it rounds away decides whether a token flips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kvcore.cache import make_cache
from kvcore.checkpoint.weights import load_transformer, read_config
from kvcore.model.transformer import Transformer
from kvcore.records.cache_specs import Contiguous, NoCache
from kvcore.records.checks import whole
from kvcore.records.config import Visibility

PROMPTS = (
    "The capital of France is",
    "Once upon a time, there was a ship that",
    "def fibonacci(n):",
    "Water boils at",
    "1, 2, 3, 5, 8,",
    "The cat sat on the mat because",
    "In 1969, two men walked on",
    "Dear Sir or Madam, I am writing to",
    "床前明月光，",
    "To make pancakes you need",
)
TYPES: dict[str, tuple[torch.dtype, bool]] = {
    "fp64": (torch.float64, False),
    "fp32": (torch.float32, False),
    "fp32, fp16 weights (fast)": (torch.float32, True),
    "fp16": (torch.float16, False),
    "bf16": (torch.bfloat16, False),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Numerics:
    """One type of numbers, over some prompts."""

    name: str
    gap: float  # largest difference of any logit, cached against recomputed
    first_flips: tuple[int | None, ...]  # by prompt: the first step whose likeliest token differs
    n_tokens: int  # written after each prompt


def numerics(folder: Path, prompts: Sequence[Sequence[int]], n_tokens: int) -> Iterator[Numerics]:
    """Write `n_tokens` after each of `prompts` with a cache, greedily, then recompute them.

    Recomputing is one forward over prompt and written tokens. Yields the types of TYPES in turn;
    one model is in memory at a time. Without FBGEMM the fast mode is plain fp32.
    """
    n_tokens = whole("n_tokens", n_tokens)
    most = read_config(folder).max_seq_len + 1 - max(map(len, prompts), default=0)
    whole("n_tokens", n_tokens, 1, most, ": the longest prompt leaves no room for more")
    return _numerics(folder, prompts, n_tokens)


def _numerics(folder: Path, prompts: Sequence[Sequence[int]], n_tokens: int) -> Iterator[Numerics]:
    for name, (dtype, fast) in TYPES.items():
        model = load_transformer(folder, dtype=dtype, fast=fast)
        gaps, flips = zip(*(_gap_and_flip(model, ids, n_tokens) for ids in prompts), strict=True)
        yield Numerics(name=name, gap=float(np.max(gaps)), first_flips=flips, n_tokens=n_tokens)


@torch.inference_mode()
def _gap_and_flip(
    model: Transformer, prompt: Sequence[int], n_tokens: int
) -> tuple[float, int | None]:
    cache, rule = make_cache(Contiguous(), model.config), Visibility()
    ids, fed = list(prompt), list(prompt)
    rows: list[Tensor] = []
    for _ in range(n_tokens):
        rows.append(model(torch.tensor([fed]), cache, rule)[0, -1])
        fed = [int(rows[-1].argmax())]
        ids += fed
    none = make_cache(NoCache(), model.config)
    recomputed = model(torch.tensor([ids[:-1]]), none, rule, every_position=True)[0, -n_tokens:]
    cached = torch.stack(rows)
    flipped = (cached.argmax(-1) != recomputed.argmax(-1)).nonzero()
    gap = float((cached.double() - recomputed.double()).abs().max())
    return gap, int(flipped[0]) if len(flipped) else None
