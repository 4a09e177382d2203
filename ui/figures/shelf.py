"""kv.shelf: a text's tokens with the cache under them, while the text is being typed."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_shapes, require_text
from ui.figures.growth import Candidate
from ui.figures.labels import Label, sent
from ui.figures.pack import pack
from ui.figures.scale import full_scale

Floats = NDArray[np.float32]

# What the page must say, in the visitor's language. Slots in braces are filled in the browser.
TEXT: Final = (
    "label",  # names the figure for a screen reader
    "help",  # how the keys work, for a screen reader
    "hint",  # under the figure while no column is pointed at
    "weight",  # one column in words: {query} {query_pos} {key} {key_pos} {layer} {head} {value}
    "value",  # one value of K or V: {letter} {token} {pos} {layer} {kv_head} {dim} {value}
    "values",  # opens the table of all that one token left: {token} {pos}
    "barcode",  # names a column of it: {letter} {layer} {kv_head}
    "query",  # names the place of q, at the left of its line; {head}
    "kv_head",  # names a shelf of the chosen layer: {kv_head}
    "layer",  # names the shelves of another layer, or the chosen one on the map: {layer}
    "stills",  # names the row of the four stills for a screen reader
    "made",  # the four stills, in order; q, k, v and z take their colour
    "reach",
    "mix",
    "gone",
    "replay",  # the button before them
    "dropped",  # {tokens}: what an edit made fall away
    "token",  # {text}: one of them, in quotes
    "counts",  # what a step did, for a screen reader: {reused} {computed}
    "reused",  # the four counters
    "computed",
    "held",
    "ms",
    "next",  # title of the next-token probabilities
    "legend_weight",  # names in the legend
    "legend_minimap",
    "legend_masked",
    "legend_new",
    "kept",  # in the table: a token whose k and v were read from the cache
    "as_table",  # opens the table behind the picture
    "space",  # what a screen reader says for the mark of one
)


def shelf_block(
    *,
    tokens: Sequence[Label],
    k: Floats,
    v: Floats,
    q: Floats,
    weights: Floats,
    z: Floats,
    key_norms: Floats,
    fed: int,
    dropped: Sequence[Label],
    shown: Sequence[int],
    layer: int,
    head: int,
    kv_head: int,
    held_bytes: int,
    ms: float,
    next: Sequence[Candidate],
    run: str,
    text: Mapping[str, str],
) -> bytes:
    """Pack the cache of S tokens after a step that fed the last `fed` of them.

    k and v are (N, Hkv, S, D) of the N layers in `shown`, which `layer`, the chosen one, is among.
    q (D,), weights (S,) and z (D,) belong to its last token and the chosen head, which reads
    `kv_head`. `key_norms` (L, S) is the length of each token's K in every layer: drawn as a map
    unless all layers are shown. `dropped` are the labels of the tokens that the step made the cache
    forget, from position S - fed on. `run` names the step: a new one is played, the same one in
    another layer or head is shown at once. `ms` is in milliseconds; `next` most probable first;
    `text` holds the strings listed in TEXT. ValueError when shapes disagree or a string is missing.
    """
    _, n_kv_heads, _, head_dim = k.shape
    n_tokens, n_layers = len(tokens), len(key_norms)
    require_text(text, TEXT)
    if not 0 < fed <= n_tokens:
        raise ValueError(f"fed={fed} of {n_tokens} tokens: a step feeds at least 1 and at most all")
    if not 0 <= kv_head < n_kv_heads:
        raise ValueError(f"kv_head={kv_head} must be from 0 to {n_kv_heads - 1}")
    if layer not in shown:
        raise ValueError(f"layer={layer} must be one of those shown: {list(shown)}")
    held = (len(shown), n_kv_heads, n_tokens, head_dim)
    require_shapes(
        f"{n_tokens} tokens with {n_kv_heads} kv heads of head_dim {head_dim} in {held[0]} layers",
        ("k", k, held),
        ("v", v, held),
        ("q", q, (head_dim,)),
        ("z", z, (head_dim,)),
        ("weights", weights, (n_tokens,)),
        ("key_norms", key_norms, (n_layers, n_tokens)),
    )
    full = {"k": full_scale(k), "v": full_scale(v), "q": full_scale(q)}
    meta = {
        "tokens": sent(tokens),
        "start": n_tokens - fed,
        "dropped": sent(dropped),
        "shown": list(shown),
        "layer": layer,
        "head": head,
        "kv_head": kv_head,
        "n_layers": n_layers,
        "n_kv_heads": n_kv_heads,
        "head_dim": head_dim,
        "full": full,
        "held_bytes": held_bytes,
        "ms": ms,
        "next": [
            {"label": label, "p": candidate.p}
            for label, candidate in zip(sent([each.label for each in next]), next, strict=True)
        ],
        "run": run,
        "text": dict(text),
    }
    return pack(
        meta,
        k=k.transpose(2, 0, 1, 3).astype(np.float32),  # (S, N, Hkv, D)
        v=v.transpose(2, 0, 1, 3).astype(np.float32),
        q=q.astype(np.float32),
        z=z.astype(np.float32),
        weights=weights.astype(np.float32),
        key_norms=key_norms.astype(np.float32),
    )
