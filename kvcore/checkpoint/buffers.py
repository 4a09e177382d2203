"""Tensors that some checkpoints carry and every model computes anew: compared, then left out.

Their shapes differ from one writer to the next; what counts is what is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import torch

from kvcore.checkpoint.stored import StoredTensors
from kvcore.ops.rope import frequencies
from kvcore.records.config import ModelConfig

HIDDEN = -1e4  # at most, what a score becomes that is to weigh nothing: GPT-2's, the mildest


def is_buffer(name: str) -> bool:
    """Whether a tensor of this name holds nothing but what a model computes."""
    return name.endswith(tuple(_CHECKS))


def check_buffer(config: ModelConfig, tensors: StoredTensors, name: str) -> None:
    """ValueError unless the buffer `name` holds what this model computes in its place."""
    for ending, check in _CHECKS.items():
        if name.endswith(ending):
            check(config, tensors, name)


def _check_angles(config: ModelConfig, tensors: StoredTensors, name: str) -> None:
    computed = frequencies(config)  # (D / 2,)
    stored = tensors.as_stored(name)
    if not stored.is_floating_point() or not stored.numel() or stored.numel() % len(computed):
        raise ValueError(
            f"{tensors.place(name)} is {stored.dtype} {tuple(stored.shape)}, config.json asks for "
            f"the angles of {len(computed)} pairs"
        )
    kept, fp32 = torch.finfo(stored.dtype), torch.finfo(torch.float32)
    # The power alone is off by 7 roundings: an exponent of up to 14 for the usual theta.
    allowed = computed * (16 * fp32.eps + kept.eps) + kept.smallest_normal * kept.eps
    rows = stored.reshape(-1, len(computed))  # one, or a copy for each half or head
    wrong = ~((rows.double() - computed).abs() <= allowed)
    if wrong.any():
        row, pair = wrong.nonzero()[0].tolist()
        raise ValueError(
            f"{tensors.place(name)} turns pair {pair} by {rows[row, pair].item():g} a position, "
            f"config.json by {computed[pair].item():g}: mend rope_theta or its scaling there, or "
            "take the tensor out"
        )


def _check_causal(config: ModelConfig, tensors: StoredTensors, name: str) -> None:
    stored = tensors.as_stored(name)
    n = isqrt(stored.numel())
    causal = torch.ones(n, n, dtype=torch.bool).tril()
    if not n or stored.numel() != n * n or not torch.equal(stored.reshape(n, n), causal.to(stored)):
        raise ValueError(
            f"{tensors.place(name)}, {tuple(stored.shape)}, is not the mask that lets a token see "
            "itself and those before it, and no other is supported: take the tensor out if the "
            "model was made with that one"
        )


def _check_hidden(config: ModelConfig, tensors: StoredTensors, name: str) -> None:
    stored = tensors.as_stored(name).double()
    if not (stored <= HIDDEN).all():
        raise ValueError(
            f"{tensors.place(name)} makes a hidden score {stored.max().item():g}, which would "
            f"weigh something: it must be {HIDDEN:g} or less, or taken out"
        )


_CHECKS: dict[str, Callable[[ModelConfig, StoredTensors, str], None]] = {
    "rotary_emb.inv_freq": _check_angles,
    "rotary_emb.original_inv_freq": _check_angles,
    "self_attn.bias": _check_causal,
    "self_attn.masked_bias": _check_hidden,
}
