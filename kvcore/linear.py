"""How a weight matrix is multiplied: the one place that knows about cores, and about fp16.

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
MOST_SPLIT_ROWS = 128  # with more rows the plain product uses all cores by itself
MANY_ROWS = 16  # from so many on, x Wᵀ is faster than W xᵀ,
MANY_ROWS_WIDE = 4  # and for a matrix with more columns than rows from so many on
SMALL_MODEL = 10_000_000  # numbers in all matrices; fewer are done before a second core wakes up


class Linear(nn.Module):
    """y = x Wᵀ, plus a bias (out,) if there is one; W is (out, in). Neither is ever written."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("weight", weight.contiguous(), persistent=False)
        self.weight: Tensor
        self.bias = bias
        self.cut = self.weight[None]  # (slices, out / slices, in), a view
        self.half_weight: Tensor | None = None

    def split(self, slices: int) -> None:
        """Multiply few rows as `slices` products; kept at 1 where `out` cannot be cut so."""
        n_out, n_in = self.weight.shape
        slices = slices if n_out % slices == 0 else 1
        self.cut = self.weight.view(slices, n_out // slices, n_in)

    def halve(self) -> None:
        """Multiply single rows by a copy of W in fp16: half the bytes to read, no longer exact.

        More rows at once (prefill, a batch) stay exact: products of fp16 matrices are slow on a
        processor without instructions for them, and W is read only once for all rows.
        """
        self.half_weight = self.weight.half()

    def forward(self, x: Tensor) -> Tensor:
        y = self._product(x)
        return y if self.bias is None else y + self.bias

    def _product(self, x: Tensor) -> Tensor:
        slices, part, n_in = self.cut.shape
        rows = x.numel() // n_in
        if self.half_weight is not None and rows == 1:
            return F.linear(x.half(), self.half_weight).to(x.dtype)
        if slices == 1 or rows > MOST_SPLIT_ROWS:
            return F.linear(x, self.weight)
        fed = x.reshape(rows, n_in)
        if rows == 1:  # what follows with fewer calls: nothing to transpose in y
            # The column is a row transposed: with the strides of a plain column the product was
            # measured 3.4 times as long.
            y = torch.bmm(self.cut, fed.t().expand(slices, n_in, 1))
            return y.view(*x.shape[:-1], slices * part)
        if rows >= (MANY_ROWS_WIDE if n_in > slices * part else MANY_ROWS):
            y = torch.bmm(fed.expand(slices, rows, n_in), self.cut.mT)  # (slices, rows, part)
            return y.transpose(0, 1).reshape(*x.shape[:-1], slices * part)
        y = torch.bmm(self.cut, fed.t().expand(slices, n_in, rows))  # (slices, out / slices, rows)
        return y.view(slices * part, rows).t().contiguous().view(*x.shape[:-1], slices * part)


def fastest_slices(linears: Sequence[Linear], rounds: int = 12) -> int:
    """SLICES, or 1 when that multiplied one row by all `linears` far faster just now.

    Both ways take turns over many matrices, more than a processor's cache holds. Other programs
    that are busy slow down the way that waits for all cores, and will not be busy for ever: hence
    the best time of each matrix counts, and 1 has to be twice as fast. A small model is not timed.
    """
    if sum(linear.weight.numel() for linear in linears) < SMALL_MODEL:
        return 1
    rows = [torch.randn(1, linear.weight.shape[1], dtype=linear.weight.dtype) for linear in linears]
    best = {slices: [math.inf] * len(linears) for slices in (1, SLICES)}
    for _ in range(rounds):
        for slices, seconds in best.items():
            for i, linear in enumerate(linears):
                linear.split(slices)
                started = time.perf_counter()
                linear(rows[i])
                seconds[i] = min(seconds[i], time.perf_counter() - started)
    return 1 if 2 * sum(best[1]) < sum(best[SLICES]) else SLICES
