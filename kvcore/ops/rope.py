"""Rotary position embedding: which frequencies a model turns by, and the turning itself.

RoPE: Su et al. 2021 (arXiv 2104.09864), in the half-split layout of Hugging Face checkpoints.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from kvcore.records.config import LinearScaling, Llama3Scaling, ModelConfig


class Rotation(NamedTuple):
    """cos and sin of the angles of some positions; the first half of sin is negated."""

    cos: Tensor  # (T, 1, D)
    sin: Tensor  # (T, 1, D)


def frequencies(config: ModelConfig) -> Tensor:
    """Angle by which each pair turns from one position to the next, in radians: (D / 2,).

    Pair i turns by theta^(-2i / D), changed by `config.rope_scaling` if there is one.
    """
    plain = 1.0 / config.rope_theta ** (
        torch.arange(0, config.head_dim, 2).float() / config.head_dim
    )
    match config.rope_scaling:
        case None:
            return plain
        case LinearScaling(factor=factor):
            return plain / factor
        case Llama3Scaling() as scaling:
            turns = scaling.original_max_seq_len * plain / (2 * math.pi)  # over the trained length
            low, high = scaling.low_freq_factor, scaling.high_freq_factor
            kept = ((turns - low) / (high - low)).clamp(0, 1)
            return plain * (kept + (1 - kept) / scaling.factor)


def rotation(pos: Tensor, frequency: Tensor, dtype: torch.dtype = torch.float32) -> Rotation:
    """Angles of positions `pos` (T,): pair i turns by pos * frequency[i].

    The angles are computed in fp32 at least, whatever the `dtype` of what they turn.
    """
    precise = torch.promote_types(dtype, torch.float32)
    angle = pos.to(precise)[:, None] * frequency  # (T, D / 2)
    cos, sin = angle.cos().to(dtype), angle.sin().to(dtype)
    return Rotation(torch.cat((cos, cos), -1)[:, None], torch.cat((-sin, sin), -1)[:, None])


def apply_rope(x: Tensor, turn: Rotation | None) -> Tensor:
    """Turn each pair (i, i + D/2) of (..., T, heads, D) by its position's angle; same shape.

    None turns nothing: a layer without positions (NoPE) gets its vectors back as they are.
    """
    if turn is None:
        return x
    return (x * turn.cos).addcmul_(x.roll(x.shape[-1] // 2, -1), turn.sin)
