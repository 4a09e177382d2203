"""kv.change: which rows of K or V moved between two runs, in which layer."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ui.figures.wording import keys_help
from ui.language.i18n import speaker
from ui.record.labels import Label, sent
from ui.record.pack import pack


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
    meta = {"tokens": sent(tokens), "hue": letter, "high": high, "text": dict(text)}
    return pack(meta, {"change": change.astype(np.float32)})


def words(lang: str, letter: Literal["k", "v"]) -> dict[str, str]:
    """The figure's words in a language; slots in braces are filled in the browser."""
    _ = speaker(lang)
    return {
        "label": {
            "k": _("Which rows of K changed, layer by layer"),
            "v": _("Which rows of V changed, layer by layer"),
        }[letter],
        "help": keys_help(lang),
        "hint": _("A row stands for a layer, the first on top; a column for a token."),
        "caption": {"k": _("K, layer by layer"), "v": _("V, layer by layer")}[letter],
        "legend": _("change, relative to the length of the row"),
        "cell": _("layer {layer} · ‘{token}’ ({pos}): changed by {value}"),
        "as_table": _("The same as a table"),
        "space": _("space"),
    }
