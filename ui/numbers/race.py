"""kv.race as a table: a row for each token of each lane."""

from __future__ import annotations

from collections.abc import Iterator

from ui.numbers.record import Arrays, Meta, plain
from ui.numbers.sheet import Row


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """The measured milliseconds of the step that wrote a token; step 0 is the prefill."""
    yield "lane", "step", "phase", "pos", "token", "milliseconds"
    for lane in ("cached", "recomputed"):
        steps = zip(meta["tokens"], arrays[f"{lane}_ms"], strict=True)
        for step, (token, ms) in enumerate(steps):
            phase = "decode" if step else "prefill"
            yield lane, step, phase, len(meta["prompt"]) + step, plain(token), ms
