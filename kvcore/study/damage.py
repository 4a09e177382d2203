"""Run a text through a cache and measure what it saves against what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from kvcore.cache import make_cache
from kvcore.engine.engine import Engine
from kvcore.records.accounting import kv_bytes_per_token
from kvcore.records.cache_specs import CacheSpec, Contiguous
from kvcore.records.config import Visibility
from kvcore.study.quality import Damage, quality


@torch.inference_mode()
def damage(
    engine: Engine,
    ids: Sequence[int],
    *,
    cache: CacheSpec | None = None,
    visibility: Visibility | None = None,
) -> Damage:
    """Bytes that `cache` saves on the text `ids` under `visibility`, beside the damage it does.

    Every token reads what the cache would give it if the text came one token at a time: that is how
    caches here store, whatever the pieces are that they are fed. The exact run is a recompute that
    sees all of the past. Raises ValueError for fewer than two tokens.
    """
    Engine.check(engine)
    ids = engine.checked(ids)
    if len(ids) < 2:
        raise ValueError("1 token is followed by none that could be foretold: give at least 2")
    kept = Contiguous() if cache is None else cache
    rule = Visibility() if visibility is None else visibility
    exact, _ = engine.recompute(ids)
    store = make_cache(kept, engine.model.config, rule)
    rows = [
        engine.model(torch.tensor([piece]), store, rule, every_position=True)[0].numpy()
        for piece in store.pieces(ids)
    ]
    return Damage(
        cache=kept,
        visibility=rule,
        quality=quality(exact, np.concatenate(rows), ids),
        held_bytes=store.snapshot().held_bytes,
        exact_bytes=len(ids) * kv_bytes_per_token(engine.model.config),
    )
