"""kv.growth as a table: a row for each step."""

from __future__ import annotations

from collections.abc import Iterator

from ui.figures.labels import name
from ui.figures.numbers.record import Arrays, Meta
from ui.figures.numbers.sheet import Row, Value


def rows(meta: Meta, _arrays: Arrays) -> Iterator[Row]:
    """Steps count from 0, as in the address; the likeliest next tokens stand at the right."""
    n_next = max(len(step["next"]) for step in meta["steps"])
    ranked = [name for i in range(1, n_next + 1) for name in (f"next_{i}", f"probability_{i}")]
    yield (
        *("step", "phase", "first_pos", "tokens_fed", "last_token_fed"),
        *("held_bytes", "read_bytes", "milliseconds", "chosen", *ranked),
    )
    for index, step in enumerate(meta["steps"]):
        start, fed, chosen = step["start"], step["fed"], step["chosen"]
        following: list[Value] = []
        for candidate in step["next"]:
            following += name(candidate["label"]), candidate["p"]
        yield (
            *(index, step["phase"], start, fed, name(meta["tokens"][start + fed - 1])),
            *(step["held_bytes"], step["read_bytes"], step["ms"]),
            None if chosen is None else name(step["next"][chosen]["label"]),
            *following,
            *[None] * (2 * n_next - len(following)),
        )
