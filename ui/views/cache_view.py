"""kv.cache_view of one step: the cache under the text, and what the newest token looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from kvcore import ModelConfig, Step, Tokenizer, key_norms, look
from ui.figures.cache_view import cache_view_block, words
from ui.views.growth import candidates

MOST_ROWS: Final = 12  # pairs of K and V under one token that a screen has room for


def shows_all(model: ModelConfig) -> bool:
    """Whether the figure has room for the cache of every layer at once."""
    return model.n_layers * model.n_kv_heads <= MOST_ROWS


def reading(model: ModelConfig) -> tuple[str, ...]:
    """The sections of prose that tell how to read the figure of this model."""
    return (
        "reading",
        "reading-all" if shows_all(model) else "reading-one",
        "heads-own" if model.queries_per_kv_head == 1 else "heads",
        "turned-some" if model.nope_layers else "turned",
        "bytes",
    )


def cache_view(
    step: Step, fallen: Sequence[int], tokenizer: Tokenizer, *, layer: int, head: int, lang: str
) -> bytes:
    """Pack the cache after `step`, which made it drop the tokens `fallen`."""
    shown = range(step.model.n_layers) if shows_all(step.model) else (layer,)
    layers = {i: look(step, i) for i in shown}
    attention = layers[layer]
    return cache_view_block(
        tokens=tokenizer.labels(step.ids),
        k=np.stack([each.k for each in layers.values()]),
        v=np.stack([each.v for each in layers.values()]),
        q=attention.q[head, -1],
        weights=attention.weights[head, -1],
        z=attention.z[head, -1],
        key_norms=key_norms(step),
        fed=step.fed,
        dropped=tokenizer.labels(fallen, mid_text=step.reused > 0),
        shown=shown,
        layer=layer,
        head=head,
        kv_head=head // step.model.queries_per_kv_head,
        held_bytes=step.cache.held_bytes,
        ms=1e3 * step.seconds,
        next=candidates(step, tokenizer),
        run=str(step.index),
        text=words(lang),
    )
