"""The effect of fp32 rounding on one text: a run and its recomputation once more, in fp64.

The numbers that the model multiplies by are widened as they are, a layer at a time, and both ways
go through the layer before the next is widened: a whole model in fp64 is never in memory. Beside
them the text is recomputed in fp32 with every product at some other scales. Without rounding that
would change nothing, so how far these are from fp64 is what fp32 can give on this text: in each row
of K and V, which are compared with those that the run stored, and in the logits of each token.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from kvcore.cache import KVCache, KVView, Savable, make_cache
from kvcore.cache.none import NoCacheLayer
from kvcore.model.segments import Segment, pack_rows
from kvcore.model.transformer import MLP, Attention, Block, Transformer, rms_norm
from kvcore.ops.linear import Linear
from kvcore.ops.products import Product, Sliced
from kvcore.ops.resumable import Resumable
from kvcore.ops.rope import rotation
from kvcore.records.cache_specs import CacheSpec, Contiguous, NoCache
from kvcore.records.config import Visibility
from kvcore.records.rows import LayerRows
from kvcore.study.distance import ULP, Far, furthest_row

Part = TypeVar("Part", bound=Attention | MLP | Block)
# No powers of 2, which would round alike. Where a text amplifies, all that is rounded away ends as
# one number times one direction, and a few of them could all be small by luck.
SCALES = (1.1, 1.2, 1.3, 1.4, 1.6, 1.7, 1.8, 1.9)
COARSER = 2**29  # fp32 than fp64: 24 bits of a number are kept, not 53
WORDS = 8192  # rows of the output matrix that are widened at once


class Found(NamedTuple):
    """Distances from a recomputation in fp64; of logits, the largest of any after each token."""

    cached: np.ndarray  # (S,) of the same steps with a cache in fp64
    rounding: np.ndarray  # (S,) of those in fp32, or `cached` as coarse as fp32, if larger
    rows: list[Far]  # of each layer, the stored row that is furthest
    n_rows: int  # of K and V that were compared


class Rescaled:
    """A product that rounds otherwise: of `x` times a scale for each text of a batch, divided."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.scale = torch.tensor(SCALES)[:, None, None]  # (B, 1, 1)

    @property
    def weight(self) -> Tensor:
        return self.product.weight

    def __call__(self, x: Tensor) -> Tensor:
        return self.product(x * self.scale.to(x.dtype)) / self.scale.to(x.dtype)


@torch.inference_mode()
def replayed(
    model: Transformer,
    ids: Sequence[int],
    ends: Sequence[int],
    rule: Visibility,
    stored: Sequence[LayerRows],
) -> Resumable[Found]:
    """Feed `ids` through a plain cache, a step up to each of `ends`, and all at once without one.

    The rows in the plain cache are what every exact kind should hold; `stored` are those that the
    run holds, layer by layer, or none. Pauses after each layer and each part of the vocabulary.
    """
    text = torch.tensor([ids])
    cached = _Rows(model, text, [0, *ends], Contiguous(), rule)
    whole = _Rows(model, text, [0, len(ids)], NoCache(), rule)
    rescaled = _Rows(model, text.repeat(len(SCALES), 1), [0, len(ids)], Contiguous(), rule)
    for rows in (cached, whole):
        rows.x = [x.double() for x in rows.x]
    far: list[Far] = []
    for i, block in enumerate(model.blocks):
        _through(_made_anew(block, _in_fp64), i, (cached, whole))
        _through(_made_anew(block, _at_other_scales), i, (rescaled,))
        exact, shaken = cached.taken(i), rescaled.taken(i)
        if stored:
            far.append(furthest_row(stored[i], exact, shaken, i))
        yield
    n_rows = sum(2 * len(rows.pos) for rows in stored)
    gap = torch.zeros(len(ids), dtype=torch.float64)
    rounding = gap + ULP
    head = model.head.weight
    ours, theirs, shaken_x = (rows.normed() for rows in (cached, whole, rescaled))  # (B, S, C)
    for start in range(0, len(head), WORDS):
        weight = head[start : start + WORDS]
        wide = weight.double().mT
        logits = theirs @ wide  # (1, S, words)
        gap = _most(gap, ours @ wide - logits)
        rounding = _most(rounding, Rescaled(Sliced(weight))(shaken_x) - logits)
        yield
    return Found(gap.numpy(), torch.maximum(rounding, COARSER * gap).numpy(), far, n_rows)


class _Rows:
    """A text, or a batch of it, on its way through a model, fed to a cache in pieces."""

    def __init__(
        self,
        model: Transformer,
        ids: Tensor,
        cuts: Sequence[int],
        kind: CacheSpec,
        rule: Visibility,
    ) -> None:
        self.model, self.rule = model, rule
        self.cache = make_cache(kind, model.config, rule)
        self.pieces = [ids[:, start:end] for start, end in pairwise(cuts)]
        self.x = [model.embed(piece) for piece in self.pieces]  # (B, T, C)

    def through(self, block: Block, layer: int) -> None:
        """Take all pieces through one layer, in their order."""
        config = self.model.config
        cache = KVCache(self.cache.layers[: layer + 1])  # the layers after it are behind
        for i, piece in enumerate(self.pieces):
            layout = pack_rows([Segment(piece, cache, self.rule)], config.windows)
            turn = None
            if layer not in config.nope_layers:
                turn = rotation(layout.pos, self.model.frequencies, self.x[i].dtype)
            self.x[i] = block(self.x[i], turn, layout.groups, layer)

    def taken(self, layer: int) -> KVView:
        """The rows of a layer that is behind: here they are let go of."""
        rows = self.cache.layers[layer]
        self.cache.layers[layer] = NoCacheLayer()
        assert isinstance(rows, Savable)
        return rows.held()

    def normed(self) -> Tensor:
        """The hidden states that are multiplied with the output matrix: (B, S, C)."""
        x, norm = torch.cat(self.x, 1), self.model.norm
        return rms_norm(x, norm.to(x.dtype), self.model.config.norm_eps)


def _through(block: Block, layer: int, texts: Sequence[_Rows]) -> None:
    for rows in texts:
        rows.through(block, layer)


def _made_anew(part: Part, make: Callable[[Tensor | Linear], Tensor | Linear]) -> Part:
    """A copy with `make` of every tensor and matrix in the place of it."""
    made = copy.copy(part)
    for name, value in vars(part).items():
        if isinstance(value, Tensor | Linear):
            setattr(made, name, make(value))
        elif isinstance(value, Attention | MLP):
            setattr(made, name, _made_anew(value, make))
    return made


def _in_fp64(numbers: Tensor | Linear) -> Tensor | Linear:
    """The very same numbers."""
    if isinstance(numbers, Tensor):
        return numbers.double()
    bias = None if numbers.bias is None else numbers.bias.double()
    return Linear(Sliced(numbers.weight.double()), bias)


def _at_other_scales(numbers: Tensor | Linear) -> Tensor | Linear:
    """The model's own product, and what it adds to it."""
    if isinstance(numbers, Tensor):
        return numbers
    return Linear(Rescaled(numbers.product), numbers.bias)


def _most(before: Tensor, difference: Tensor) -> Tensor:
    """The larger of `before` (S,) and any of (B, S, words); NaN if there is one."""
    return torch.maximum(before, difference.abs().amax((0, 2)))
