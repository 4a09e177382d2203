"""The proof by deletion: take rows away from a finished prefill and run the next token again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import torch

from kvcore.cache import KVCache, make_cache
from kvcore.compare import max_gap
from kvcore.config import Contiguous, Visibility
from kvcore.model import AttnState
from kvcore.trace import locked
from kvcore.whatif.layers import drop_q, faulty
from kvcore.whatif.specs import KRowDropped, VRowDropped, check_old

if TYPE_CHECKING:
    from kvcore.engine import Engine

Rows = Literal["q", "k", "v"]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Deletion:
    """Logits of the last token with everything in place, and after something was deleted."""

    rows: Rows
    pos: int | None  # the token that lost its row; None: all old tokens
    n_vectors: int  # head vectors deleted, over all layers
    before: np.ndarray  # (V,)
    after: np.ndarray  # (V,)

    @property
    def gap(self) -> float:
        return max_gap(self.before, self.after)


@torch.inference_mode()
def delete(engine: Engine, ids: Sequence[int], rows: Rows, pos: int | None = None) -> Deletion:
    """Prefill all of `ids` but the last, run the last token, delete, and run it once more.

    - `rows="q"` overwrites every q vector that the prefill computed, in every layer and head, with
      NaN: whatever read one of them would turn the logits to NaN.
    - `rows="k"` or `"v"` puts zeros in place of the cached key or value of position `pos`, in every
      layer and kv head.

    Raises ValueError for other `rows`, for fewer than two tokens, and for a `pos` that is not an
    old token.
    """
    if rows not in get_args(Rows):
        raise ValueError(f"rows={rows!r} must be 'q', 'k' or 'v'")
    ids = engine.checked(ids)
    n_old = len(ids) - 1
    if not n_old:
        raise ValueError("1 token has no past to delete from: give at least 2")
    config = engine.model.config
    cache = make_cache(Contiguous(), config)
    states: list[AttnState] = []
    engine.model(torch.tensor([ids[:-1]]), cache, Visibility(), record=states)
    before = _last(engine, ids, cache)
    cache.crop(n_old)
    if rows == "q":
        drop_q(states, config.n_heads)
        n_vectors = n_old * config.n_layers * config.n_heads
    else:
        dropped = (KRowDropped if rows == "k" else VRowDropped)(pos=check_old(ids, pos))
        cache = KVCache(faulty(cache, engine.model, dropped))
        n_vectors = config.n_layers * config.n_kv_heads
    after = _last(engine, ids, cache)
    return Deletion(rows=rows, pos=pos, n_vectors=n_vectors, before=before, after=after)


def _last(engine: Engine, ids: Sequence[int], cache: KVCache) -> np.ndarray:
    logits = engine.model(torch.tensor([[ids[-1]]]), cache, Visibility())[0, -1]  # (V,)
    return locked(logits.numpy())
