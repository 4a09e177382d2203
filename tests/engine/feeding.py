"""Feed a model in pieces, and transformers beside it: used by more than one test file."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from kvcore.cache import KVCache
from kvcore.config import Visibility
from kvcore.model import Transformer


def pieces(ids: Sequence[int], chunks: Sequence[int]) -> Iterator[list[int]]:
    """`ids` cut in pieces of the lengths `chunks`, which must add up."""
    assert sum(chunks) == len(ids)
    start = 0
    for size in chunks:
        yield list(ids[start : start + size])
        start += size


@torch.inference_mode()
def feed(
    model: Transformer, cache: KVCache, ids: Sequence[int], chunks: Sequence[int] | None = None
) -> np.ndarray:
    """Logits (n, V) at every position of `ids`, fed after what `cache` holds."""
    out = [
        model(torch.tensor([piece]), cache, Visibility(), every_position=True)[0].numpy()
        for piece in pieces(ids, chunks or [len(ids)])
    ]
    return np.concatenate(out)
