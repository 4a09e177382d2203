"""The facts of a model, filled into prose that has slots for them."""

from __future__ import annotations

import json
from functools import cache

from kvcore import ModelConfig, kv_bytes_per_token
from kvcore.embedded import tiny_folder
from ui.units import size


def filled(text: str, config: ModelConfig) -> str:
    """The slots are n_layers, n_heads, n_kv_heads, head_dim, bytes_per_token, n_poems."""
    facts = {
        "n_layers": config.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "bytes_per_token": size(kv_bytes_per_token(config)),
        "n_poems": poems_by_heart(),
    }
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


@cache
def poems_by_heart() -> int:
    """How many poems the tiny decoder recites to their end: its folder lists each."""
    return len(json.loads((tiny_folder() / "recites.json").read_text(encoding="utf-8")))
