"""Attention itself: softmax(q·kᵀ / sqrt(D)) · v, with every step of it handed over.

Letters: B batch, T tokens fed, S keys seen, H query heads, Hkv key/value heads, D head_dim.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from kvcore.ops.cores import cores_for


class AttnState(NamedTuple):
    """Intermediate results of one layer's attention in one forward."""

    qkv: Tensor  # (B, T, H + 2 Hkv, D) before RoPE, after the norm of q and k if there is one
    scores: Tensor  # (B, H, T, S)
    mask: Tensor  # (T, S)
    weights: Tensor  # (B, H, T, S)
    z: Tensor  # (B, H, T, D)


def attend(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """softmax(q·kᵀ / sqrt(D), less what is hidden) · v, with its steps.

    q (B, H, T, D), k and v (B, Hkv, S, D), hidden (T, S) or, where sequences differ, (B, 1, T, S):
    0 where the query may attend, -inf where not; None if it would be 0 throughout, as for the
    newest token. Query head h reads key/value head h // (H / Hkv). Returns scores (B, H, T, S)
    before the mask, weights (B, H, T, S) and z (B, H, T, D). A score that is not finite reaches its
    query even from a hidden key.
    """
    B, H, T, D = q.shape
    Hkv, S = k.shape[1], k.shape[2]
    shared = q.reshape(B * Hkv, H // Hkv * T, D)  # the query heads of one kv head, stacked
    keys, values = k.reshape(B * Hkv, S, D), v.reshape(B * Hkv, S, D)
    with cores_for(B * H * T * S * D):
        scores = torch.baddbmm(q.new_empty(1), shared, keys.mT, beta=0, alpha=D**-0.5)
        scores = scores.view(B, H, T, S)
        allowed = scores if hidden is None else scores + hidden.to(scores.dtype)
        weights = allowed.softmax(-1)
        z = torch.bmm(weights.view(B * Hkv, H // Hkv * T, S), values).view(B, H, T, D)
    return scores, weights, z
