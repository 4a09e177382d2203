"""Logits to a token id, with a generator of the caller's."""

import math

import torch
from torch import Tensor

from kvcore.records.config import SamplingParams


def sample(logits: Tensor, params: SamplingParams, rng: torch.Generator) -> int:
    """The next id from `logits` (V,): the likeliest at temperature 0, else drawn from softmax.

    ValueError where there is nothing to choose from, as of NaN.
    """
    values = logits.numpy()
    likeliest = int(values.argmax())  # a tenth of the time that torch's own takes; a NaN, if any
    largest = float(values[likeliest])
    if not math.isfinite(largest):
        why = "check the model's weights for values that are not finite or overflow"
        raise ValueError(f"no token can be chosen: the largest of the logits is {largest}; {why}")
    if params.temperature == 0:
        return likeliest
    # In fp64, and from 0 downwards, so that no temperature however small overflows.
    scaled = (logits - largest).double() / params.temperature
    probabilities = scaled.softmax(-1).to(logits.dtype)
    return int(torch.multinomial(probabilities, 1, generator=rng))
