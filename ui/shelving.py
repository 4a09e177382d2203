"""A step of the live text as the shelf figure shows it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from kvcore import ModelConfig, Step, Tokenizer, key_norms, look
from ui.growing import candidates
from ui.runs import Ids

MOST_ROWS: Final = 12  # pairs of K and V under one token that a screen has room for


def shows_all(model: ModelConfig) -> bool:
    """Whether the figure has room for the cache of every layer at once."""
    return model.n_layers * model.n_kv_heads <= MOST_ROWS


def shelf_data(
    step: Step, fallen: Ids, layer: int, head: int, tokenizer: Tokenizer
) -> dict[str, Any]:
    """Everything that kv.shelf draws of `step`, which made the cache drop `fallen`."""
    shown = range(step.model.n_layers) if shows_all(step.model) else (layer,)
    layers = {i: look(step, i) for i in shown}
    attention = layers[layer]
    return {
        "tokens": tokenizer.labels(step.ids),
        "k": np.stack([each.k for each in layers.values()]),
        "v": np.stack([each.v for each in layers.values()]),
        "q": attention.q[head, -1],
        "weights": attention.weights[head, -1],
        "z": attention.z[head, -1],
        "key_norms": key_norms(step),
        "fed": step.fed,
        "dropped": tokenizer.labels(fallen),
        "shown": shown,
        "layer": layer,
        "head": head,
        "kv_head": head // step.model.queries_per_kv_head,
        "held_bytes": step.cache.held_bytes,
        "ms": 1e3 * step.seconds,
        "next": candidates(step, tokenizer),
        "run": str(step.index),
    }
