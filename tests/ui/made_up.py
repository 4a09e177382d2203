"""A record of three tokens, two layers and two kv heads, for what needs no model."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ui.record.labels import SentLabel
from ui.record.record import Candidate, Model, Record, Rows, Rule, Step

TOKENS = [SentLabel(text=text, space=True, part=1, parts=1) for text in ("a", "<b>", "c")]


def step(phase: Literal["prefill", "decode"], start: int, fed: int, **more: Any) -> Step:
    taken = [Candidate(TOKENS[0], 0.5)]
    measured: dict[str, Any] = {"held_bytes": 96, "read_bytes": 8, "ms": 1.5}
    return Step(phase=phase, start=start, fed=fed, next=taken, chosen=0, **measured | more)


def rows(*shape: int, layers: tuple[int, ...] = (0, 1), start: int = 0) -> Rows:
    """(S - start, layers, heads, D) of different numbers."""
    values = np.linspace(-2, 2, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return Rows(layers=layers, heads=tuple(range(shape[2])), values=values, start=start)


def made_up(**changes: Any) -> Record:
    """Two query heads a kv head, of four numbers each."""
    values: dict[str, Any] = {
        "tokens": TOKENS,
        "prompt": 2,
        "model": Model(n_layers=2, n_heads=4, n_kv_heads=2, head_dim=4),
        "rules": [Rule(True, None, 0)] * 2,
        "q": rows(3, 2, 4, 4),
        "k": rows(3, 2, 2, 4),
        "v": rows(3, 2, 2, 4),
    }
    return Record(**values | changes)
