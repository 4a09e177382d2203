"""Count what a forward really computes: rows from its own products, FLOPs from torch."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from kvcore.cache import make_cache
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.ops.products import has_onednn
from kvcore.records.cache_specs import Contiguous, NoCache
from kvcore.records.checks import check_kind
from kvcore.records.config import Visibility


@dataclass
class Counts:
    """Filled while `counting` runs. A row is one token's vector in one layer."""

    q_rows: int = 0
    k_rows: int = 0
    v_rows: int = 0
    attention_rows: int = 0
    mlp_rows: int = 0
    logits_rows: int = 0
    flops: int = 0


def _product(x: Sequence[int], *_args: Any, out_shape: Sequence[int], **_kwargs: Any) -> int:
    """FLOPs of x (..., in) times a matrix, by the shapes of x and of what comes out."""
    return 2 * math.prod(x) * out_shape[-1]


# The products that torch's counter does not know.
OURS: dict[Any, Callable[..., int]] = {torch.ops.quantized.linear_dynamic_fp16: _product}
if has_onednn():
    OURS[torch.ops.mkldnn._linear_pointwise] = _product

ONE_AT_A_TIME = threading.RLock()  # parts are put back in the opposite order


@contextmanager
def counting(model: Transformer) -> Iterator[Counts]:
    """Count every forward of `model` in the block that this thread runs.

    Rows are read off the tensors that go through its parts; FLOPs are counted by
    `torch.utils.flop_counter.FlopCounterMode`. Counting slows a run down: do not time it. Other
    threads that want to count wait; blocks of one thread may lie in each other.
    """
    counts = Counts()

    def qkv(x: Tensor) -> None:
        counts.q_rows += x.shape[1]
        counts.k_rows += x.shape[1]
        counts.v_rows += x.shape[1]

    def attention(x: Tensor) -> None:
        counts.attention_rows += x.shape[1]

    def mlp(x: Tensor) -> None:
        counts.mlp_rows += x.shape[1]

    def logits(x: Tensor) -> None:
        counts.logits_rows += x.shape[1]

    check_kind("model", model, Transformer)
    with ONE_AT_A_TIME, ExitStack() as watches:
        for block in model.blocks:
            watches.enter_context(_watched(block.attn, "wqkv", qkv))
            watches.enter_context(_watched(block.attn, "wo", attention))
            watches.enter_context(_watched(block, "mlp", mlp))
        watches.enter_context(_watched(model, "head", logits))
        flops = watches.enter_context(FlopCounterMode(display=False, custom_mapping=OURS))
        try:
            yield counts
        finally:
            counts.flops = flops.get_total_flops()


@contextmanager
def _watched(owner: object, part: str, note: Callable[[Tensor], None]) -> Iterator[None]:
    """`note` what this thread sends through a part of `owner` in the block."""
    plain, ours = getattr(owner, part), threading.get_ident()

    def noting(x: Tensor) -> Any:
        if threading.get_ident() == ours:
            note(x)
        return plain(x)

    setattr(owner, part, noting)
    try:
        yield
    finally:
        setattr(owner, part, plain)


@torch.inference_mode()
def count_last_step(engine: Engine, ids: Sequence[int]) -> tuple[Counts, Counts]:
    """Counts of the forward that adds the last of `ids`: with a cache of the others, and without.

    Raises ValueError for fewer than two tokens: the first forward is a prefill both ways.
    """
    Engine.check(engine)
    ids = engine.checked(ids)
    if len(ids) < 2:
        raise ValueError("1 token is a prefill, the same both ways: give at least 2")
    cache = make_cache(Contiguous(), engine.model.config)
    engine.model(torch.tensor([ids[:-1]]), cache, Visibility())
    with counting(engine.model) as cached:
        engine.model(torch.tensor([ids[-1:]]), cache, Visibility())
    none = make_cache(NoCache(), engine.model.config)
    with counting(engine.model) as recomputed:
        engine.model(torch.tensor([ids]), none, Visibility())
    return cached, recomputed
