"""kv.matrix as a table: a row for each query and key."""

from __future__ import annotations

from collections.abc import Iterator

from ui.figures.labels import name
from ui.figures.numbers.record import Arrays, Meta
from ui.figures.numbers.sheet import Row


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """The score is q·k / sqrt(D) before the mask; a masked cell has no weight, which is not 0."""
    yield "query_pos", "query", "key_pos", "key", "score", "masked", "weight"
    labels = [name(token) for token in meta["tokens"]]
    scores, mask, weights = arrays["scores"], arrays["mask"], arrays["weights"]
    for row, query in enumerate(labels):
        for col, key in enumerate(labels):
            seen = bool(mask[row, col])
            weight = weights[row, col] if seen else None
            yield row, query, col, key, scores[row, col], not seen, weight
