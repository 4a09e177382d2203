"""The proof by deletion: take rows away and run the newest token again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from kvcore.cache import KVCache, make_cache
from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import Contiguous
from kvcore.records.checks import check_choice
from kvcore.records.config import Visibility
from kvcore.records.trace import locked
from kvcore.study.compare import max_gap
from kvcore.study.whatif.layers import faulty
from kvcore.study.whatif.old_q import run_with_old_tokens
from kvcore.study.whatif.specs import KRowDropped, VRowDropped, check_old

Rows = Literal["q", "k", "v"]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Deletion:
    """Logits of the last token with everything in place, and after something was deleted."""

    rows: Rows
    pos: int | None  # the token that lost its row; None: all old tokens
    n_vectors: int  # head vectors deleted, over all layers
    n_spoiled: int  # old tokens whose own logits came out as NaN, for want of their q
    before: np.ndarray  # (V,)
    after: np.ndarray  # (V,)

    @property
    def gap(self) -> float:
        return max_gap(self.before, self.after)


@torch.inference_mode()
def delete(engine: Engine, ids: Sequence[int], rows: Rows, pos: int | None = None) -> Deletion:
    """Prefill all of `ids` but the last, run the last token, and run it again after a deletion.

    - `rows="q"` makes every q of an old token NaN at the projection, in every layer and head. The
      old tokens are fed along with the last one, which runs on the K and V that the prefill stored:
      their own rows need their q and come out as NaN (`n_spoiled`), and the last one would as well
      if it read one. `before` is the same forward without NaN.
    - `rows="k"` or `"v"` puts zeros in place of the cached key or value of position `pos`, in every
      layer and kv head. The token stays visible: with a key of zeros its score is 0, which weighs
      exp(0) like any other, and brings its v.

    Raises ValueError for other `rows`, for fewer than two tokens, and for a `pos` that is not an
    old token.
    """
    Engine.check(engine)
    check_choice("rows", rows, *get_args(Rows))
    ids = engine.checked(ids)
    n_old = len(ids) - 1
    if not n_old:
        raise ValueError("1 token has no past to delete from: give at least 2")
    config = engine.model.config
    cache = make_cache(Contiguous(), config)
    engine.model(torch.tensor([ids[:-1]]), cache, Visibility())
    n_vectors, n_spoiled = config.n_layers * config.n_kv_heads, 0
    if rows == "q":
        before = run_with_old_tokens(engine.model, ids, cache, poisoned=False)[-1]
        cache.crop(n_old)
        *old, after = run_with_old_tokens(engine.model, ids, cache, poisoned=True)
        n_spoiled = sum(bool(row.isnan().all()) for row in old)
        n_vectors = n_old * config.n_layers * config.n_heads
    else:
        dropped = (KRowDropped if rows == "k" else VRowDropped)(pos=check_old(ids, pos))
        before = _last(engine, ids, cache)
        cache.crop(n_old)
        after = _last(engine, ids, KVCache(faulty(cache, engine.model, dropped)))
    return Deletion(
        rows=rows,
        pos=pos,
        n_vectors=n_vectors,
        n_spoiled=n_spoiled,
        before=locked(before.numpy()),
        after=locked(after.numpy()),
    )


def _last(engine: Engine, ids: Sequence[int], cache: KVCache) -> Tensor:
    return engine.model(torch.tensor([[ids[-1]]]), cache, Visibility())[0, -1]  # (V,)
