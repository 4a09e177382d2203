"""kv.race of a measured run: its first repeat, one real run and not an average of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kvcore import RaceResult, Tokenizer
from ui import words
from ui.components.race import race_block

LENGTHS: Final = (8, 16, 32, 48)  # tokens to write
REPEATS: Final = (1, 3, 5)
VIEWS: Final = tuple(f"{n}x{repeats}" for n in LENGTHS for repeats in REPEATS)
DEFAULT_VIEW: Final = "16x3"


def race(result: RaceResult, ids: Sequence[int], tokenizer: Tokenizer, lang: str) -> bytes:
    """Pack both lanes of a run that wrote on from the prompt `ids`."""
    return race_block(
        prompt=tokenizer.labels(ids),
        tokens=tokenizer.labels(result.new_ids),
        cached_ms=[1e3 * float(seconds) for seconds in result.cached[0]],
        recomputed_ms=[1e3 * float(seconds) for seconds in result.recomputed[0]],
        text=words.race(lang),
    )
