"""A step of the live text as the shelf figure shows it."""

from __future__ import annotations

from typing import Any

from kvcore import Step, Tokenizer, key_norms, look
from ui.growing import candidates
from ui.runs import Ids


def shelf_data(
    step: Step, fallen: Ids, layer: int, head: int, tokenizer: Tokenizer
) -> dict[str, Any]:
    """Everything that kv.shelf draws of `step`, which made the cache drop `fallen`."""
    attention = look(step, layer)
    return {
        "tokens": tokenizer.labels(step.ids),
        "k": attention.k,
        "v": attention.v,
        "q": attention.q[head, -1],
        "weights": attention.weights[head, -1],
        "z": attention.z[head, -1],
        "key_norms": key_norms(step),
        "fed": step.fed,
        "dropped": tokenizer.labels(fallen),
        "layer": layer,
        "head": head,
        "kv_head": head // step.model.queries_per_kv_head,
        "held_bytes": step.cache.held_bytes,
        "ms": 1e3 * step.seconds,
        "next": candidates(step, tokenizer),
        "run": str(step.index),
    }
