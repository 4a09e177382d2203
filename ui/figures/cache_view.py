"""kv.cache_view: a text's tokens with the cache under them, while the text is being typed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_shapes
from ui.figures.figure import Figure
from ui.figures.growth import Candidate
from ui.figures.labels import Label, name, sent
from ui.figures.pack import pack
from ui.figures.record import Arrays, Meta
from ui.figures.scale import full_scale
from ui.figures.sheet import Row
from ui.figures.wording import one_value
from ui.language.i18n import speaker

Floats = NDArray[np.float32]


def cache_view_block(
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
    `text` is what `words` gives. ValueError when shapes disagree.
    """
    _, n_kv_heads, _, head_dim = k.shape
    n_tokens, n_layers = len(tokens), len(key_norms)
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


def words(lang: str) -> dict[str, str]:
    """What it says in a language; slots in braces are filled in the browser."""
    _ = speaker(lang)
    return {
        "label": _("The cache of the chosen layer, a column for each token"),
        "help": _(
            "Left and right go from token to token, down and up through the numbers of its "
            "barcodes, Page Down and Page Up from barcode to barcode."
        ),
        "hint": _(
            "Point at a token to read how much the newest one looks at it, or at a barcode to read "
            "its numbers."
        ),
        "weight": _(
            "query ‘{query}’ ({query_pos}) · key ‘{key}’ ({key_pos}) · layer {layer}, head {head}: "
            "weight {value}"
        ),
        "value": one_value(lang),
        "values": _("Every number that ‘{token}’ ({pos}) left"),
        "barcode": _("{letter} · layer {layer}, kv head {kv_head}"),
        "query": _("q of head {head}"),
        "kv_head": _("k and v of kv head {kv_head}"),
        "layer": _("layer {layer}"),
        "stills": _("The way of the newest token, in four stills"),
        "made": _("It makes one q, one k, one v"),
        "reach": _("Its q meets every k"),
        "mix": _("The weights mix every v into z"),
        "gone": _("q is gone; k and v stay"),
        "replay": _("Play again"),
        "dropped": _("Fell away: {tokens}"),
        "token": _("‘{text}’"),
        "counts": _("Tokens reused: {reused}. Tokens computed: {computed}."),
        "reused": _("tokens reused"),
        "computed": _("tokens computed"),
        "held": _("held in the cache"),
        "ms": _("milliseconds"),
        "next": _("What may come next"),
        "legend_weight": _("weight"),
        "legend_minimap": _("length of k in every layer, against the longest there"),
        "legend_masked": _("later tokens: out of reach"),
        "legend_new": _("new in this step"),
        "kept": _("reused"),
        "as_table": _("The same as a table"),
        "space": _("space"),
    }


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """How much the newest token looks at each one held, and how long its K is in every layer.

    The likeliest next tokens, best first, stand at the position that one of them would take.
    """
    norms = arrays["key_norms"]  # (L, S)
    layers = [f"k_length_layer_{layer}" for layer in range(len(norms))]
    yield "kind", "pos", "token", "reused", "weight", *layers, "probability"
    for pos, token in enumerate(meta["tokens"]):
        weight = arrays["weights"][pos]
        yield "held", pos, name(token), pos < meta["start"], weight, *norms[:, pos], None
    for each in meta["next"]:
        nothing = [None] * (2 + len(layers))
        yield "next", len(meta["tokens"]), name(each["label"]), *nothing, each["p"]


FIGURE: Final = Figure(
    name="cache_view", words=words, rows=rows, moved=None, timed=False, heights=(825, 1347)
)
