"""The facts of a model, filled into prose that has slots for them."""

from __future__ import annotations

import json
from functools import cache

from kvcore import ModelConfig, kv_bytes_per_token
from kvcore.checkpoint.embedded import tiny_folder
from kvcore.records.accounting import FP32_BYTES
from ui.language.units import size


def filled(text: str, config: ModelConfig) -> str:
    """Each slot is a name in braces: one of the `facts` below.

    `some_head` reads another kv head than head 0 does, where there are two.
    """
    some_head = min(config.queries_per_kv_head, config.n_heads - 1)
    facts = {
        "n_layers": config.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "queries_per_kv_head": config.queries_per_kv_head,
        "some_head": some_head,
        "some_kv_head": some_head // config.queries_per_kv_head,
        "n_rope_layers": config.n_layers - len(set(config.nope_layers)),
        "itemsize": FP32_BYTES,
        "bytes_per_token": size(kv_bytes_per_token(config)),
        "exact_bytes_per_token": f"{kv_bytes_per_token(config):,}",
        "n_poems": poems_by_heart(),
    }
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


@cache
def poems_by_heart() -> int:
    """How many poems the tiny decoder recites to their end: its folder lists each."""
    return len(json.loads((tiny_folder() / "recites.json").read_text(encoding="utf-8")))
