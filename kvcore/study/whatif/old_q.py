"""The experiment on old q: a forward in which they are NaN from the projection on.

The newest token runs on a cache, and the old ones are carried along in the same forward. Of these
nothing is stored: attention reads the rows of K and V that the cache has held since their own
forward. Their q turn to NaN the moment they are made, in every layer, and so does all that is
computed from one: each old row is spoiled from layer 0 on. Whatever of the newest token read an old
q, or made it again from an old row, would be spoiled as well.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from kvcore.cache import KVCache, KVView, LayerCache
from kvcore.model.transformer import Transformer
from kvcore.ops.linear import Linear
from kvcore.records.config import Visibility
from kvcore.records.trace import LayerSnapshot


def run_with_old_tokens(
    model: Transformer, ids: Sequence[int], cache: KVCache, *, poisoned: bool
) -> Tensor:
    """Run the last of `ids` on `cache`, which holds all before it; logits of every row (n, V).

    The same forward without poison is what a poisoned one is compared with.
    """
    layers = KVCache([_OldTokensLayer(layer) for layer in cache.layers])
    carrier = _poisoned(model) if poisoned else model
    return carrier(torch.tensor([ids]), layers, Visibility(), every_position=True)[0]


class _OldTokensLayer:
    """Stores the newest of the tokens fed; the rows of those before it stay as `held` has them."""

    def __init__(self, held: LayerCache) -> None:
        self.held = held
        self.n_seen = 0  # so that all tokens are fed, from position 0 on

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        return self.held.update(k[:, :, -1:], v[:, :, -1:], pos[-1:])

    def crop(self, n: int) -> None:
        """Nothing of its own to forget."""

    def snapshot(self) -> LayerSnapshot:
        return self.held.snapshot()


class _NaNForOldQ(Linear):
    """A projection whose first `width` numbers, all of q, are NaN for every row but the last."""

    def __init__(self, inner: Linear, width: int) -> None:
        super().__init__(inner.product, inner.bias)
        self.width = width

    def __call__(self, x: Tensor) -> Tensor:
        qkv = super().__call__(x)  # (B, T, (H + 2 Hkv) D)
        qkv[:, :-1, : self.width] = torch.nan
        return qkv


def _poisoned(model: Transformer) -> Transformer:
    width = model.config.n_heads * model.config.head_dim
    poisoned = copy.copy(model)
    poisoned.blocks = [copy.copy(block) for block in model.blocks]
    for block in poisoned.blocks:
        block.attn = copy.copy(block.attn)
        block.attn.wqkv = _NaNForOldQ(block.attn.wqkv, width)
    return poisoned
