"""kv.race of a measured run, which replays its first repeat: a real run, and not an average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from kvcore import RaceResult, Tokenizer
from ui.figures.race import race_block, words
from ui.record.labels import sent
from ui.record.record import Record

LENGTHS: Final = (8, 16, 32, 48)  # tokens to write
REPEATS: Final = (1, 3, 5)
VIEWS: Final = tuple(f"{n}x{repeats}" for n in LENGTHS for repeats in REPEATS)
DEFAULT_VIEW: Final = "16x3"


def race(result: RaceResult, ids: Sequence[int], tokenizer: Tokenizer, lang: str) -> bytes:
    """Pack every repeat of both lanes of a run that wrote on from the prompt `ids`."""
    prompt, written = tokenizer.labels(ids), tokenizer.labels(result.new_ids, mid_text=True)
    record = Record(
        tokens=sent([*prompt, *written]),
        prompt=len(prompt),
        cached_ms=(1e3 * result.cached).astype(np.float32),
        recomputed_ms=(1e3 * result.recomputed).astype(np.float32),
    )
    return race_block(record, text=words(lang))


def first_repeat(view: str | None) -> str | None:
    """The view of a race that measures no more than its figure replays."""
    view = view or DEFAULT_VIEW
    return f"{view.split('x')[0]}x{REPEATS[0]}" if view in VIEWS else view
