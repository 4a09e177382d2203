"""One cell of the matrix in numbers: from q and k to a weight, each stage of the arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kvcore.records.checks import check_kind, whole
from kvcore.records.trace import LayerTrace


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Cell:
    """How query `row` and key `column` come to their weight in one head."""

    q: np.ndarray  # (D,) after RoPE
    k: np.ndarray  # (D,) after RoPE
    products: np.ndarray  # (D,) q * k, in fp64
    dot: float  # their sum
    score: float  # dot / sqrt(D), as the run computed it
    visible: bool  # may the query attend to the key
    masked_score: float  # the score after the mask: -inf where the query may not attend
    row_max: float  # largest masked_score of the row, subtracted so that exp cannot overflow
    exp: float  # exp(masked_score - row_max)
    exp_sum: float  # over the row
    weight: float  # exp / exp_sum, as the run computed it


def cell(layer: LayerTrace, head: int, row: int, column: int) -> Cell:
    """The cell of query head `head` at `row` (0 to T - 1) and `column` (0 to S - 1).

    Raises ValueError when one of them is out of range.
    """
    check_kind("layer", layer, LayerTrace)
    H, T, S = layer.scores.shape
    for name, value, size in (("head", head, H), ("row", row, T), ("column", column, S)):
        whole(name, value, 0, size - 1)
    q, k = layer.q[head, row], layer.k[head * layer.k.shape[0] // H, column]
    products = q.astype(np.float64) * k
    scores, mask = layer.scores[head, row].astype(np.float64), layer.mask[row]
    masked = np.where(mask, scores, -np.inf)
    row_max = float(masked.max())
    return Cell(
        q=q,
        k=k,
        products=products,
        dot=float(products.sum()),
        score=float(scores[column]),
        visible=bool(mask[column]),
        masked_score=float(masked[column]),
        row_max=row_max,
        exp=math.exp(masked[column] - row_max),
        exp_sum=float(np.exp(masked - row_max).sum()),
        weight=float(layer.weights[head, row, column]),
    )
