"""Values derived from the rows of a record: the Python twin of kvfront/record/derive.js."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.record.record import Floats, Record, Rows, Rule


class Attention(NamedTuple):
    """One head: q and z are (T, D), k and v (S, D); scores, mask and weights (T, S).

    Scores are before the mask. The T queries are those whose q the record carries.
    """

    q: Floats
    k: Floats
    v: Floats
    scores: Floats
    mask: NDArray[np.bool_]
    weights: Floats
    z: Floats


def attention(record: Record, layer: int, head: int) -> Attention:
    """Scores q·k / sqrt(D), the mask, weights and z, in float64. ValueError for what it lacks."""
    record.require(layer, head)
    kv_head = head * record.model.n_kv_heads // record.model.n_heads
    q = _rows(record.q, layer, head)
    k, v = _rows(record.k, layer, kv_head), _rows(record.v, layer, kv_head)
    scores = q.astype(np.float64) @ k.T.astype(np.float64) / np.sqrt(record.model.head_dim)
    mask = visible(record.rules[layer], np.arange(len(q)) + record.q.start, np.arange(len(k)))
    seen = np.where(mask, scores, -np.inf)
    shares = np.exp(seen - seen.max(1, keepdims=True))
    weights = shares / shares.sum(1, keepdims=True)
    return Attention(
        q=q,
        k=k,
        v=v,
        scores=scores.astype(np.float32),
        mask=mask,
        weights=weights.astype(np.float32),
        z=(weights @ v).astype(np.float32),
    )


def visible(rule: Rule, q_pos: NDArray[np.int_], k_pos: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which keys (S,) each query (T,) may attend to: (T, S)."""
    age = q_pos[:, None] - k_pos  # (T, S)
    if not rule.causal:
        return np.ones(age.shape, bool)
    seen = age >= 0
    return seen if rule.window is None else seen & ((age < rule.window) | (k_pos < rule.n_sink))


def lengths(record: Record) -> Floats:
    """The length of each token's K in every layer, all kv heads together: (S, L)."""
    if record.k_lengths is not None:
        return record.k_lengths
    if record.k is None or record.model is None or len(record.k.layers) < record.model.n_layers:
        raise ValueError("the record carries K of some layers alone: record k_lengths too")
    squares = np.square(record.k.values, dtype=np.float64).sum((2, 3))
    return np.sqrt(squares).astype(np.float32)


def _rows(rows: Rows, layer: int, head: int) -> Floats:
    """(S - start, D)."""
    return rows.values[:, rows.layers.index(layer), rows.heads.index(head)]
