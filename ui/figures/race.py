"""kv.race: one measured run, with the cache and recomputed, replayed at the speed it had."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from ui.figures.checks import require_text
from ui.figures.labels import Label, sent
from ui.figures.pack import pack

Milliseconds = Sequence[Sequence[float]]  # (repeats, steps)

# What the page must say, in the visitor's language. Slots in braces are filled in the browser.
TEXT: Final = (
    "label",  # names the figure for a screen reader
    "cached",  # names of the two lanes
    "recomputed",
    "note_true",  # what is replayed, at true speed
    "note_slow",  # and slowed down {factor} times
    "note_fast",  # or sped up
    "milliseconds",  # says what the small numbers under the tokens are
    "clock",  # {seconds} so far
    "total",  # {seconds} in the end
    "progress",  # {done} {total}: tokens of a lane
    "state",  # a lane when paused, for a screen reader: {lane} {done} {total} {seconds}
    "result",  # both totals in one sentence: {cached} {recomputed} seconds
    "controls",  # names of the controls
    "play",
    "pause",
    "restart",
    "speed",
    "speed_slow",  # the choices of speed, named as the notes are
    "speed_true",
    "speed_fast",
    "space",  # what a screen reader says for the mark of one
)


def race_block(
    *,
    prompt: Sequence[Label],
    tokens: Sequence[Label],
    cached_ms: Milliseconds,
    recomputed_ms: Milliseconds,
    text: Mapping[str, str],
) -> bytes:
    """Pack how n tokens were written after a prompt, both ways, to be replayed on one clock.

    The times have a row for each repeat, of which the first is replayed. Step i of it took so many
    milliseconds and wrote tokens[i]; step 0 is the prefill. `text` holds the strings listed in
    TEXT. ValueError when shapes disagree, a time is not a positive number, or a string is missing.
    """
    n_tokens = len(tokens)
    if not n_tokens:
        raise ValueError("0 tokens cannot race: write at least one")
    require_text(text, TEXT)
    times = {
        name: np.asarray(ms, dtype=np.float32)
        for name, ms in (("cached_ms", cached_ms), ("recomputed_ms", recomputed_ms))
    }
    for name, ms in times.items():
        if ms.ndim != 2 or not len(ms) or ms.shape[1] != n_tokens:
            raise ValueError(
                f"{name} is {ms.shape}, but {n_tokens} tokens need a step each in every repeat"
            )
        wrong = ms[~(np.isfinite(ms) & (ms > 0))]
        if wrong.size:
            raise ValueError(f"{name} has a step of {wrong[0]} ms: give measured times above 0")
    cached, recomputed = (len(ms) for ms in times.values())
    if cached != recomputed:
        raise ValueError(f"{cached} repeats are cached and {recomputed} recomputed: give as many")
    meta = {"prompt": sent(prompt), "tokens": sent(tokens), "text": dict(text)}
    return pack(meta, **times)
