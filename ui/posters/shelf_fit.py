"""The block of kv.shelf cut to what a small picture has room for."""

from __future__ import annotations

from typing import Final

from ui.numbers.record import Arrays, Meta
from ui.posters.shelf_layout import MOST_COLUMNS

MOST_VALUES: Final = 3600  # of K; a picture of more would be no small file


def fitting(meta: Meta, arrays: Arrays) -> tuple[Meta, Arrays]:
    """The newest tokens, in all layers that are shown.

    Where these are too many values, in the chosen layer alone, as the page does with a large model;
    else on the one shelf that the head reads. `heads` are the kv heads that are left.
    """
    n = min(len(meta["tokens"]), MOST_COLUMNS)
    at, head = list(meta["shown"]).index(meta["layer"]), meta["kv_head"]
    every, chosen, read = slice(None), slice(at, at + 1), slice(head, head + 1)
    layers, heads = next(
        (
            room
            for room in ((every, every), (chosen, every))
            if arrays["k"][-n:, room[0], room[1]].size <= MOST_VALUES  # (S, N, Hkv, D)
        ),
        (chosen, read),
    )
    dropped = len(meta["tokens"]) - n
    own = {
        "tokens": meta["tokens"][dropped:],
        "start": max(0, meta["start"] - dropped),
        "shown": meta["shown"][layers],
        "heads": range(meta["n_kv_heads"])[heads],
    }
    cut = {
        "k": arrays["k"][-n:, layers, heads],
        "v": arrays["v"][-n:, layers, heads],
        "weights": arrays["weights"][-n:],
        "minimap": arrays["minimap"][:, -n:],
    }
    return {**meta, **own}, {**arrays, **cut}
