"""kv.shelf as a table: a row for each token."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ui.numbers.record import Arrays, Meta, plain
from ui.numbers.sheet import Row


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """How much the newest token looks at each one, and how long its K is in every layer.

    A length is a share of the longest in its layer, in steps of 1/255: that is what is drawn.
    """
    lengths = arrays["minimap"] / np.float32(255)  # (L, S)
    layers = (f"k_length_share_layer_{layer}" for layer in range(len(lengths)))
    yield "pos", "token", "reused", "weight", *layers
    for pos, token in enumerate(meta["tokens"]):
        weight = arrays["weights"][pos]
        yield pos, plain(token), pos < meta["start"], weight, *lengths[:, pos]
