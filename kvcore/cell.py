"""One cell of the matrix in numbers: from q and k to a weight, each stage of the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvcore.trace import LayerTrace


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Cell:
    """How query `row` and key `column` come to their weight in one head."""

    q: np.ndarray  # (D,) after RoPE
    k: np.ndarray  # (D,) after RoPE
    products: np.ndarray  # (D,) q * k
    dot: float  # their sum
    score: float  # dot / sqrt(D), as the run computed it
    visible: bool  # may the query attend to the key
    row_max: float  # largest visible score of the row, subtracted so that exp cannot overflow
    exp: float  # exp(score - row_max), 0 where masked
    exp_sum: float  # over the visible keys of the row
    weight: float  # exp / exp_sum, as the run computed it


def cell(layer: LayerTrace, head: int, row: int, column: int) -> Cell:
    """The cell of query head `head` at `row` (0 to T - 1) and `column` (0 to S - 1).

    Raises ValueError when one of them is out of range.
    """
    H, T, S = layer.scores.shape
    for name, value, size in (("head", head, H), ("row", row, T), ("column", column, S)):
        if not 0 <= value < size:
            raise ValueError(f"{name}={value} must be from 0 to {size - 1}")
    q, k = layer.q[head, row], layer.k[head * layer.k.shape[0] // H, column]
    scores, mask = layer.scores[head, row], layer.mask[row]
    exps = np.exp(scores[mask] - scores[mask].max())
    visible = bool(mask[column])
    return Cell(
        q=q,
        k=k,
        products=q * k,
        dot=float(q @ k),
        score=float(scores[column]),
        visible=visible,
        row_max=float(scores[mask].max()),
        exp=float(np.exp(scores[column] - scores[mask].max())) if visible else 0.0,
        exp_sum=float(exps.sum()),
        weight=float(layer.weights[head, row, column]),
    )
