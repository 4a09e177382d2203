"""A weight matrix and what is done with it: the one place that knows about cores.

A decode step multiplies single rows, a prefill many, a batch of sessions a few. `products.py` has
the ways to do it, this chooses among them.
"""

import math
import time
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from kvcore.ops.products import Product, Sliced

SLICES = 8
SMALL_MODEL = 10_000_000  # numbers in all matrices; fewer are done before a second core wakes up


class Linear:
    """y = x Wᵀ, plus a bias (out,) if there is one; W is (out, in). Neither is ever written."""

    def __init__(self, product: Product, bias: Tensor | None = None) -> None:
        self.product, self.bias = product, bias

    @property
    def weight(self) -> Tensor:
        """W (out, in)."""
        return self.product.weight

    def __call__(self, x: Tensor) -> Tensor:
        """x (..., in) to y (..., out)."""
        y = self.product(x)
        return y if self.bias is None else y + self.bias


class Embedding:
    """A row of the table (V, C) for each token."""

    def __init__(self, table: Tensor, dtype: torch.dtype) -> None:
        """`dtype` of the rows; a table in fp16 is widened row by row."""
        self.table, self.dtype = table, dtype

    @property
    def weight(self) -> Tensor:
        """The table (V, C) in the type of the rows."""
        return self.table.to(self.dtype)

    def __call__(self, ids: Tensor) -> Tensor:
        """ids (...) to rows (..., C)."""
        return F.embedding(ids, self.table).to(self.dtype)


def fastest_slices(weights: Sequence[Tensor], rounds: int = 12) -> int:
    """SLICES, or 1 when that multiplied one row by all `weights` far faster just now.

    Both ways take turns over many matrices, more than a processor's cache holds. Other programs
    that are busy slow down the way that waits for all cores, and will not be busy for ever: hence
    the best time of each matrix counts, and 1 has to be twice as fast. A small model is not timed.
    """
    if sum(weight.numel() for weight in weights) < SMALL_MODEL:
        return 1
    rows = [torch.randn(1, weight.shape[1], dtype=weight.dtype) for weight in weights]
    ways = {slices: [Sliced(weight, slices) for weight in weights] for slices in (1, SLICES)}
    best = {slices: [math.inf] * len(weights) for slices in ways}
    for _ in range(rounds):
        for slices, products in ways.items():
            for i, product in enumerate(products):
                started = time.perf_counter()
                product(rows[i])
                best[slices][i] = min(best[slices][i], time.perf_counter() - started)
    return 1 if 2 * sum(best[1]) < sum(best[SLICES]) else SLICES
