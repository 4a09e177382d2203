"""Run a prompt rightly and wrongly through the same forward, and compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
import torch

from kvcore.cache import KVCache, make_cache
from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import Contiguous
from kvcore.records.checks import check_kind, whole
from kvcore.records.config import Visibility
from kvcore.records.trace import locked
from kvcore.study.compare import Change, row_change
from kvcore.study.whatif.layers import FaultyLayer, faulty
from kvcore.study.whatif.old_q import run_with_old_tokens
from kvcore.study.whatif.result import WhatIfResult
from kvcore.study.whatif.specs import (
    KeyAtWrongPosition,
    MaskInWrongCorner,
    MaskOff,
    OldQDropped,
    StaleRow,
    WhatIf,
    check_old,
)


class Run(NamedTuple):
    """A greedy run that is over."""

    logits: np.ndarray  # (n, V)
    layers: Sequence[FaultyLayer]


def what_if(engine: Engine, ids: Sequence[int], spec: WhatIf, n_tokens: int = 8) -> WhatIfResult:
    """Write `n_tokens` after the prompt `ids` greedily, rightly and as `spec` says, and compare.

    Both runs are real, on a cache of their own. The wrong one is run twice: over the tokens that
    the right run chose, which gives `wrong` and `change`, and over its own choices, which gives
    `written`. A stop id stops nothing.

    Where a row of K or V was falsified, layer 0 of `change` shows that one cell, of K alone when it
    was a key; from layer 1 on, all later tokens were computed from it and changed with it. A fault
    of the mask changes no row of layer 0: what is stored there depends on each token and its
    position alone.

    Raises ValueError for fewer than 2 tokens, for a spec whose `pos` is not an old token or whose
    other numbers the model does not have, and for more tokens than `max_seq_len`.
    """
    Engine.check(engine)
    prompt = _checked(engine, ids, spec, n_tokens)
    right = _run(engine, prompt, spec, n_tokens, right=True)
    wrong = _run(engine, prompt, spec, n_tokens, fed=right.logits.argmax(1).tolist())
    alone = _run(engine, prompt, spec, n_tokens)
    return WhatIfResult(
        spec=spec,
        prompt_ids=prompt,
        right=right.logits,
        wrong=wrong.logits,
        written=tuple(alone.logits.argmax(1).tolist()),
        change=_changed(right, wrong),
    )


@torch.inference_mode()
def _run(
    engine: Engine,
    ids: tuple[int, ...],
    spec: WhatIf | None,
    n_tokens: int,
    fed: Sequence[int] | None = None,
    *,
    right: bool = False,
) -> Run:
    """`fed` are the tokens of the steps; without them, each step feeds what the last one chose.

    `right` runs as `spec` asks, without what is wrong with it.
    """
    old_q, spec = isinstance(spec, OldQDropped), None if right else spec
    stored = make_cache(Contiguous(), engine.model.config)
    rule = Visibility(causal=not isinstance(spec, MaskOff))
    if isinstance(spec, StaleRow):  # what the text was, up to the edit
        engine.model(torch.tensor([[*ids[: spec.pos], spec.old_id]]), stored, rule)
    layers = faulty(stored, engine.model, spec)
    cache = KVCache(layers)
    logits: list[np.ndarray] = []
    for step in range(n_tokens):
        if old_q and step:  # in the prefill no token is old
            answer = run_with_old_tokens(engine.model, ids, cache, poisoned=not right)[-1]  # (V,)
        else:
            tokens = torch.tensor([ids[cache.seq_len :]])  # the prompt, then one
            answer = engine.model(tokens, cache, rule)[0, -1]
        logits.append(answer.numpy())
        ids = (*ids, fed[step] if fed else int(answer.argmax()))
    return Run(locked(np.stack(logits)), layers)


def _changed(right: Run, wrong: Run) -> Change:
    """How far apart the rows are that attention was given in the last step."""
    k: list[np.ndarray] = []
    v: list[np.ndarray] = []
    for pair in zip(right.layers, wrong.layers, strict=True):
        a, b = (layer.given for layer in pair)
        assert a is not None and b is not None
        for out, rows in ((k, (a.k, b.k)), (v, (a.v, b.v))):
            out.append(row_change(*(x[0].transpose(0, 1).numpy() for x in rows)))  # (S,)
    return Change(k=locked(np.stack(k)), v=locked(np.stack(v)))


def _checked(engine: Engine, ids: Sequence[int], spec: WhatIf, n_tokens: int) -> tuple[int, ...]:
    check_kind("spec", spec, *get_args(WhatIf))
    ids = engine.checked(ids)
    config = engine.model.config
    if len(ids) < 2:
        raise ValueError("1 token has no past to get wrong: give at least 2")
    n_tokens = whole("n_tokens", n_tokens)
    if len(ids) + n_tokens - 1 > config.max_seq_len:
        raise ValueError(
            f"{len(ids)} tokens and {n_tokens} more do not fit max_seq_len={config.max_seq_len}: "
            f"write at most {config.max_seq_len + 1 - len(ids)}"
        )
    if not isinstance(spec, MaskOff | MaskInWrongCorner | OldQDropped):
        check_old(ids, spec.pos)
    if isinstance(spec, KeyAtWrongPosition):
        whole("at", spec.at, 0, config.max_seq_len - 1)
    if isinstance(spec, StaleRow):
        whole("old_id", spec.old_id, 0, config.vocab_size - 1)
    return ids
