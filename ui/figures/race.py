"""kv.race: one measured run, with the cache and recomputed, replayed at the speed it had."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from ui.figures.figure import Figure
from ui.figures.sheet import Row
from ui.language.i18n import speaker
from ui.record.labels import name
from ui.record.record import Message, Record, write


def race_block(record: Record, *, text: Mapping[str, str]) -> bytes:
    """Pack how n tokens were written after a prompt, both ways, to be replayed on one clock.

    The times of `record` have a row for each repeat, of which the first is replayed. Step i of it
    took so many milliseconds and wrote the token i of those after the prompt; step 0 is the
    prefill. `text` is what `words` gives. ValueError when shapes disagree or a time is not a
    positive number.
    """
    n_tokens = len(record.tokens) - record.prompt
    if not n_tokens:
        raise ValueError("0 tokens cannot race: write at least one")
    repeats = []
    for lane in ("cached_ms", "recomputed_ms"):
        ms = getattr(record, lane)
        if ms is None or ms.ndim != 2 or not len(ms) or ms.shape[1] != n_tokens:
            raise ValueError(
                f"{lane} is {None if ms is None else ms.shape}, but {n_tokens} tokens need a step "
                "each in every repeat"
            )
        wrong = ms[~(np.isfinite(ms) & (ms > 0))]
        if wrong.size:
            raise ValueError(f"{lane} has a step of {wrong[0]} ms: give measured times above 0")
        repeats.append(len(ms))
    cached, recomputed = repeats
    if cached != recomputed:
        raise ValueError(f"{cached} repeats are cached and {recomputed} recomputed: give as many")
    return write(Message(record, {}, dict(text)))


def words(lang: str) -> dict[str, str]:
    """The figure's words in a language; slots in braces are filled in the browser."""
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


def rows(message: Message) -> Iterator[Row]:
    """The measured milliseconds of the step that wrote a token; step 0 is the prefill.

    Repeats count from 0, which is the one that the figure replays.
    """
    yield "lane", "repeat", "step", "phase", "pos", "token", "milliseconds"
    record = message.record
    written = record.tokens[record.prompt :]
    for lane, repeats in (("cached", record.cached_ms), ("recomputed", record.recomputed_ms)):
        for repeat, times in enumerate(() if repeats is None else repeats):
            for step, (token, ms) in enumerate(zip(written, times, strict=True)):
                phase = "decode" if step else "prefill"
                yield lane, repeat, step, phase, record.prompt + step, name(token), ms


FIGURE: Final = Figure(
    name="race", words=words, rows=rows, moved=None, timed=True, heights=(480, 480)
)
