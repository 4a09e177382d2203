"""The facts of a model, filled into prose that has slots for them."""

from __future__ import annotations

from kvcore import ModelConfig, kv_bytes_per_token
from ui.units import size


def filled(text: str, config: ModelConfig) -> str:
    """The slots are n_layers, n_heads, n_kv_heads, head_dim, bytes_per_token."""
    facts = {
        "n_layers": config.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "bytes_per_token": size(kv_bytes_per_token(config)),
    }
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
