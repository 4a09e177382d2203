"""How a weight matrix is multiplied: the one place that knows about cores.

A decode step multiplies single rows. On many machines the library call for that (`F.linear`) runs
on one core; cutting the matrix in slices and multiplying them as a batch (`torch.bmm`) uses all of
them. Both are exact fp32, and the slices are views: no extra memory. Which is faster depends on the
machine, so `fastest_slices` times both once on real matrices.
"""

import math
import time
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLICES = 8
MOST_SPLIT_ROWS = 32  # with more rows the plain product uses all cores by itself
SMALL_MODEL = 10_000_000  # numbers in all matrices; fewer are done before a second core wakes up


class Linear(nn.Module):
    """y = x Wᵀ, plus a bias (out,) if there is one; W is (out, in). Neither is ever written."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weight", weight.contiguous(), persistent=False)
        self.weight: Tensor
        self.bias = bias
        self.slices = 1

    def split(self, slices: int) -> None:
        """Multiply few rows as `slices` products; kept at 1 where `out` cannot be cut so."""
        self.slices = slices if self.weight.shape[0] % slices == 0 else 1

    def forward(self, x: Tensor) -> Tensor:
        y = self._product(x)
        return y if self.bias is None else y + self.bias

    def _product(self, x: Tensor) -> Tensor:
        rows = x.numel() // x.shape[-1]
        if self.slices == 1 or rows > MOST_SPLIT_ROWS:
            return F.linear(x, self.weight)
        n_out, n_in = self.weight.shape
        cut = self.weight.view(self.slices, n_out // self.slices, n_in)
        columns = x.reshape(rows, n_in).t().expand(self.slices, n_in, rows)
        y = torch.bmm(cut, columns)  # (slices, out / slices, rows)
        return y.view(n_out, rows).t().contiguous().view(*x.shape[:-1], n_out)


def fastest_slices(linears: Sequence[Linear], rounds: int = 12) -> int:
    """SLICES, or 1 when that multiplied one row by all of `linears` far faster just now.

    Both ways take turns over many matrices, more than a processor's cache holds. Other programs
    that are busy slow down the way that waits for all cores, and will not be busy for ever: hence
    the best time of each matrix counts, and 1 has to be twice as fast. A small model is not timed.
    """
    if sum(linear.weight.numel() for linear in linears) < SMALL_MODEL:
        return 1
    rows = [torch.randn(1, linear.weight.shape[1]) for linear in linears]
    best = {slices: [math.inf] * len(linears) for slices in (1, SLICES)}
    for _ in range(rounds):
        for slices, seconds in best.items():
            for i, linear in enumerate(linears):
                linear.split(slices)
                started = time.perf_counter()
                linear(rows[i])
                seconds[i] = min(seconds[i], time.perf_counter() - started)
    return 1 if 2 * sum(best[1]) < sum(best[SLICES]) else SLICES
