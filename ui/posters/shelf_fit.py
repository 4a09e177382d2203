"""The block of kv.shelf cut to what a picture has room for."""

from __future__ import annotations

from ui.figures.numbers.record import Arrays, Meta
from ui.figures.scale import shares
from ui.still.room import Room


def fitting(meta: Meta, arrays: Arrays, room: Room) -> tuple[Meta, Arrays]:
    """The newest tokens, in all layers that are shown.

    Where these are too many values, in the chosen layer alone, as the page does with a large model;
    else on the one shelf that the head reads. `heads` are the kv heads that are left.
    """
    n = min(len(meta["tokens"]), room.tokens)
    at, head = list(meta["shown"]).index(meta["layer"]), meta["kv_head"]
    every, chosen, read = slice(None), slice(at, at + 1), slice(head, head + 1)
    layers, heads = next(
        (
            cut
            for cut in ((every, every), (chosen, every))
            if arrays["k"][-n:, cut[0], cut[1]].size <= room.values  # (S, N, Hkv, D)
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
        "key_shares": shares(arrays["key_norms"])[:, -n:],
    }
    return {**meta, **own}, {**arrays, **cut}
