"""Attention itself: softmax(q·kᵀ / sqrt(D)) · v, for one sequence or for several at once.

Letters: B batch, T tokens fed, S keys seen, H query heads, Hkv key/value heads, D head_dim,
N sequences.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from kvcore.cache.base import KVView
from kvcore.cores import cores_for


class Attended(NamedTuple):
    """What attention computed for one sequence."""

    scores: Tensor  # (B, H, T, S)
    mask: Tensor  # (T, S)
    weights: Tensor  # (B, H, T, S)
    z: Tensor  # (B, H, T, D)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """softmax(q·kᵀ / sqrt(D), where the mask allows) · v, with its steps.

    q (B, H, T, D), k and v (B, Hkv, S, D), mask (T, S) True = may attend. Query head h reads
    key/value head h // (H / Hkv). Returns scores (B, H, T, S) before the mask, weights
    (B, H, T, S) and z (B, H, T, D).
    """
    B, H, T, D = q.shape
    Hkv, S = k.shape[1], k.shape[2]
    shared = q.reshape(B * Hkv, H // Hkv * T, D)  # the query heads of one kv head, stacked
    keys, values = k.reshape(B * Hkv, S, D), v.reshape(B * Hkv, S, D)
    with cores_for(B * H * T * S * D):
        scores = torch.baddbmm(q.new_empty(1), shared, keys.mT, beta=0, alpha=D**-0.5)
        scores = scores.view(B, H, T, S)
        weights = torch.where(mask, scores, float("-inf")).softmax(-1)
        z = torch.bmm(weights.view(B * Hkv, H // Hkv * T, S), values).view(B, H, T, D)
    return scores, weights, z


class Padded:
    """Room for the keys and values of N sequences that feed one token each, padded to one length.

    One product for all of them, where each alone would be too small to be worth its call. Made for
    one forward: its layers use the room one after the other.
    """

    def __init__(self) -> None:
        self.k: Tensor | None = None  # (N, Hkv, S, D)
        self.v: Tensor | None = None
        self.masks: list[Tensor] = []  # (1, S) of each sequence
        self.mask: Tensor | None = None  # (N, 1, 1, S)

    def attend(self, q: Tensor, views: Sequence[KVView], masks: Sequence[Tensor]) -> list[Attended]:
        """`attend` for query n of (1, H, N, D) over view n: what each would get alone."""
        lengths = [len(view.pos) for view in views]
        k, v = self._filled(views, max(lengths))
        mask = self._mask(masks, k.shape[2])
        scores, weights, z = attend(q.transpose(0, 2), k, v, mask)  # (N, H, 1, S)
        parts = (torch.split(x, 1) for x in (scores, weights, z))
        each = zip(masks, lengths, *parts, strict=True)
        return [
            Attended(its_scores[..., :length], its_mask, its_weights[..., :length], its_z)
            for its_mask, length, its_scores, its_weights, its_z in each
        ]

    def _filled(self, views: Sequence[KVView], longest: int) -> tuple[Tensor, Tensor]:
        if self.k is None or self.v is None or self.k.shape[2] < longest:
            _, Hkv, _, D = views[0].k.shape
            # Zeros: what is masked gets the weight 0, but 0 times a NaN would not be 0.
            self.k, self.v = views[0].k.new_zeros(2, len(views), Hkv, longest, D).unbind()
        for n, view in enumerate(views):
            length = len(view.pos)
            self.k[n, :, :length], self.v[n, :, :length] = view.k[0], view.v[0]
        return self.k, self.v

    def _mask(self, masks: Sequence[Tensor], longest: int) -> Tensor:
        same = len(self.masks) > 0 and all(map(operator.is_, self.masks, masks))
        if self.mask is None or not same:
            self.mask = torch.zeros(len(masks), 1, 1, longest, dtype=torch.bool)
            for n, mask in enumerate(masks):
                self.mask[n, 0, :, : mask.shape[1]] = mask
            self.masks = list(masks)
        return self.mask
