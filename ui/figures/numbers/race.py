"""kv.race as a table: a row for each token of each lane, in every repeat."""

from __future__ import annotations

from collections.abc import Iterator

from ui.figures.labels import name
from ui.figures.numbers.record import Arrays, Meta
from ui.figures.numbers.sheet import Row


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """The measured milliseconds of the step that wrote a token; step 0 is the prefill.

    Repeats count from 0, which is the one that the figure replays.
    """
    yield "lane", "repeat", "step", "phase", "pos", "token", "milliseconds"
    for lane in ("cached", "recomputed"):
        for repeat, times in enumerate(arrays[f"{lane}_ms"]):
            for step, (token, ms) in enumerate(zip(meta["tokens"], times, strict=True)):
                phase = "decode" if step else "prefill"
                pos = len(meta["prompt"]) + step
                yield lane, repeat, step, phase, pos, name(token), ms
