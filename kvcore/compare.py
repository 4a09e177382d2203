"""How far apart two runs are: logits, and rows of K and V in each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvcore.pieces import Pieces, finish
from kvcore.trace import Recording, Step

if TYPE_CHECKING:
    from kvcore.engine import Engine

TOLERANCE = 2e-4  # fp32: the order of the sums differs, so equal means within this


def max_gap(a: np.ndarray, b: np.ndarray) -> float:
    """Largest absolute difference."""
    return float(np.abs(a - b).max())


def verify(engine: Engine, steps: Sequence[Step]) -> float:
    """`verifying`, all at once."""
    return finish(verifying(engine, steps))


def verifying(engine: Engine, steps: Sequence[Step]) -> Pieces[float]:
    """Recompute a run without a cache; the largest gap between any logit of the two.

    One forward over the last step's tokens gives the logits at every position; each step's logits
    are compared with those at its last token. All steps must belong to one run, the last one the
    longest. Pauses after each layer. Raises ValueError when a step's tokens are not a prefix of it.
    """
    ids = steps[-1].ids
    logits, _ = yield from engine.recomputing(ids, steps[-1].visibility)
    for step in steps:
        if step.ids != ids[: len(step.ids)]:
            raise ValueError(f"step {step.index} is not of this run: its tokens differ")
    return max(max_gap(step.logits, logits[len(step.ids) - 1]) for step in steps)


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Change:
    """Relative change of each token's row between two runs: |b - a| / |a|, 0 where nothing moved.

    A row is the token's K (or V) of all kv heads in one layer.
    """

    k: np.ndarray  # (L, n)
    v: np.ndarray  # (L, n)

    @property
    def most(self) -> float:
        """The largest change of any row."""
        return float(max(self.k.max(), self.v.max()))


def row_change(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Relative change of the rows of one layer: (n, Hkv, D) twice in, (n,) out."""
    change: np.ndarray = np.sqrt(np.square(b - a).sum((1, 2)) / np.square(a).sum((1, 2)))
    return change


def changed_rows(a: Recording, b: Recording, n_kv_heads: int) -> Change:
    """Compare the first n positions of two recordings, n the shorter one's length.

    Keys are compared before RoPE, which changes no length.
    """
    n = min(a.n_tokens, b.n_tokens)
    k: list[np.ndarray] = []
    v: list[np.ndarray] = []
    for layer in range(len(a.chunks[0].qkv)):
        rows_a, rows_b = a.layer(layer)[:n], b.layer(layer)[:n]  # (n, H + 2 Hkv, D)
        for out, heads in ((k, slice(-2 * n_kv_heads, -n_kv_heads)), (v, slice(-n_kv_heads, None))):
            out.append(row_change(rows_a[:, heads], rows_b[:, heads]))
    return Change(k=np.stack(k), v=np.stack(v))
