"""A figure's block as tests ask about it: names of its record, and what follows from its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ui.record.derive import attention, lengths
from ui.record.record import read


def unfold(block: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """As the scripts of the figures do it: names side by side, and arrays."""
    record, state, text = read(block)
    steps = [
        {**vars(step), "next": [each._asdict() for each in step.next]} for step in record.steps
    ]
    meta: dict[str, Any] = {"tokens": record.tokens, "steps": steps, "text": text}
    if record.model is None:  # a race
        meta |= {"prompt": record.tokens[: record.prompt], "tokens": record.tokens[record.prompt :]}
        return meta, {"cached_ms": record.cached_ms, "recomputed_ms": record.recomputed_ms}
    kv_head = state["head"] * record.model.n_kv_heads // record.model.n_heads
    meta |= record.model._asdict() | {"kv_head": kv_head} | state
    arrays = attention(record, state["layer"], state["head"])._asdict()
    if "run" not in state:
        return meta, arrays
    (step,) = steps
    newest = {name: arrays[name][-1] for name in ("q", "z", "weights")}
    held = {"k": record.k.values, "v": record.v.values, "k_lengths": lengths(record)}
    return meta | step | {"shown": list(record.k.layers)}, newest | held
