"""kv.race: one measured run, with the cache and recomputed, replayed at the speed it had."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from ui.figures.figure import Figure
from ui.figures.labels import Label, name, sent
from ui.figures.pack import pack
from ui.figures.record import Arrays, Meta
from ui.figures.sheet import Row
from ui.language.i18n import speaker

Milliseconds = Sequence[Sequence[float]]  # (repeats, steps)


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
    milliseconds and wrote tokens[i]; step 0 is the prefill. `text` is what
    `words` gives. ValueError when shapes disagree or a time is not a positive number.
    """
    n_tokens = len(tokens)
    if not n_tokens:
        raise ValueError("0 tokens cannot race: write at least one")
    times = {
        lane: np.asarray(ms, dtype=np.float32)
        for lane, ms in (("cached_ms", cached_ms), ("recomputed_ms", recomputed_ms))
    }
    for lane, ms in times.items():
        if ms.ndim != 2 or not len(ms) or ms.shape[1] != n_tokens:
            raise ValueError(
                f"{lane} is {ms.shape}, but {n_tokens} tokens need a step each in every repeat"
            )
        wrong = ms[~(np.isfinite(ms) & (ms > 0))]
        if wrong.size:
            raise ValueError(f"{lane} has a step of {wrong[0]} ms: give measured times above 0")
    cached, recomputed = (len(ms) for ms in times.values())
    if cached != recomputed:
        raise ValueError(f"{cached} repeats are cached and {recomputed} recomputed: give as many")
    meta = {"prompt": sent(prompt), "tokens": sent(tokens), "text": dict(text)}
    return pack(meta, **times)


def words(lang: str) -> dict[str, str]:
    """What it says in a language; slots in braces are filled in the browser."""
    _ = speaker(lang)
    return {
        "label": _("The race"),
        "cached": _("With the cache"),
        "recomputed": _("Recomputed"),
        "note_true": _("True speed: each token appears after the milliseconds that it took."),
        "note_slow": _("Slowed down {factor} times. The clock shows the measured seconds."),
        "note_fast": _("Sped up {factor} times. The clock shows the measured seconds."),
        "milliseconds": _("Under each token: its milliseconds. The first one is the prefill."),
        "clock": _("{seconds} s"),
        "total": _("{seconds} s in all"),
        "progress": _("tokens: {done} of {total}"),
        "state": _("{lane}: {done} of {total} tokens after {seconds} s."),
        "result": _("In all: {cached} s with the cache, {recomputed} s recomputed."),
        "controls": _("Player"),
        "play": _("Play"),
        "pause": _("Pause"),
        "restart": _("From the start"),
        "speed": _("Speed"),
        "speed_slow": _("1/{factor}"),
        "speed_true": _("true speed"),
        "speed_fast": _("{factor}×"),
        "space": _("space"),
    }


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


FIGURE: Final = Figure(
    name="race", words=words, rows=rows, moved=None, timed=True, heights=(480, 480)
)
