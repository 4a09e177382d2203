"""Ways to feed a model that more than one test file uses."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from kvcore.cache import KVCache
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.cache_specs import CacheSpec, Contiguous
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.records.trace import Trace
from tests.kvcore.tiny import random_ids


def pieces(ids: Sequence[int], chunks: Sequence[int]) -> Iterator[list[int]]:
    """`ids` cut in pieces of the lengths `chunks`, which must add up."""
    assert sum(chunks) == len(ids)
    start = 0
    for size in chunks:
        yield list(ids[start : start + size])
        start += size


@torch.inference_mode()
def feed(
    model: Transformer,
    cache: KVCache,
    ids: Sequence[int],
    chunks: Sequence[int] | None = None,
    rule: Visibility | None = None,
) -> np.ndarray:
    """Logits (n, V) at every position of `ids`, fed after what `cache` holds.

    A chunk is fed in pieces where the cache does not take it at once.
    """
    out = [
        model(torch.tensor([piece]), cache, rule or Visibility(), every_position=True)[0].numpy()
        for chunk in pieces(ids, chunks or [len(ids)])
        for piece in cache.pieces(chunk)
    ]
    return np.concatenate(out)


def generate(
    engine: Engine,
    cache: CacheSpec | None = None,
    *,
    prompt: int = 6,
    steps: int = 5,
    visibility: Visibility | None = None,
) -> Trace:
    """A greedy run after a random prompt."""
    run = RunConfig(
        cache=cache or Contiguous(),
        visibility=visibility or Visibility(),
        sampling=SamplingParams(max_new_tokens=steps),
    )
    return engine.generate(random_ids(engine.model.config, prompt), run)
