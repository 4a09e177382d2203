"""kv.change: which rows of K or V moved between two runs, in which layer."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_text
from ui.figures.labels import Label, sent
from ui.figures.pack import pack

TEXT: Final = (
    "label",  # names the figure for a screen reader
    "help",  # how the keys work, for a screen reader
    "hint",  # under the figure while no cell is chosen
    "caption",  # above the figure
    "legend",  # title of the scale
    "cell",  # {layer} {token} {pos} {value}
    "as_table",  # opens the table behind the picture
    "space",  # what a screen reader says for the mark of one
)


def change_block(
    *,
    tokens: Sequence[Label],
    change: NDArray[np.floating],
    letter: Literal["k", "v"],
    high: float,
    text: Mapping[str, str],
) -> bytes:
    """Pack relative change (L, n) of n tokens' rows, on a scale from 0 to `high`.

    Maps to be compared share one `high`. ValueError when shapes disagree.
    """
    if change.ndim != 2 or change.shape[1] != len(tokens):
        raise ValueError(f"change is {change.shape}, but there are {len(tokens)} tokens")
    require_text(text, TEXT)
    meta = {"tokens": sent(tokens), "hue": letter, "high": high, "text": dict(text)}
    return pack(meta, change=change.astype(np.float32))
