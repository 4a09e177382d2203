"""kv.pulse: how much the newest token takes of each token that it sees."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ui.figures.figure import Figure
from ui.figures.labels import Label, name, sent
from ui.figures.pack import pack
from ui.figures.record import Arrays, Meta
from ui.figures.sheet import Row
from ui.language.i18n import speaker


def pulse_block(
    tokens: Sequence[Label], weights: NDArray[np.float32], text: Mapping[str, str]
) -> bytes:
    """Pack the attention weights of the newest token, one for each of `tokens`."""
    if weights.shape != (len(tokens),):
        raise ValueError(f"weights is {weights.shape}, but {len(tokens)} tokens need one each")
    return pack({"tokens": sent(tokens), "text": dict(text)}, weights=weights)


def words(lang: str) -> dict[str, str]:
    """What it says in a language."""
    _ = speaker(lang)
    return {"caption": _("What the newest token takes of each")}


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """One row for each token."""
    yield "pos", "token", "weight"
    for pos, (token, weight) in enumerate(zip(meta["tokens"], arrays["weights"], strict=True)):
        yield pos, name(token), weight


FIGURE: Final = Figure(
    name="pulse", words=words, rows=rows, moved=None, timed=False, heights=(200, 200)
)
