"""kv.shelf as a table: a row for each token that is held, then one for each that may come next."""

from __future__ import annotations

from collections.abc import Iterator

from ui.figures.labels import name
from ui.figures.numbers.record import Arrays, Meta
from ui.figures.numbers.sheet import Row


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """How much the newest token looks at each one held, and how long its K is in every layer.

    The likeliest next tokens, best first, stand at the position that one of them would take.
    """
    norms = arrays["key_norms"]  # (L, S)
    layers = [f"k_length_layer_{layer}" for layer in range(len(norms))]
    yield "kind", "pos", "token", "reused", "weight", *layers, "probability"
    for pos, token in enumerate(meta["tokens"]):
        weight = arrays["weights"][pos]
        yield "held", pos, name(token), pos < meta["start"], weight, *norms[:, pos], None
    for each in meta["next"]:
        nothing = [None] * (2 + len(layers))
        yield "next", len(meta["tokens"]), name(each["label"]), *nothing, each["p"]
