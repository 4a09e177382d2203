"""The record of a run of kvcore, with the rows that a figure shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

import kvcore
from kvcore import LayerTrace, ModelConfig, Tokenizer, likeliest, step_cost
from ui.record.labels import SentLabel, sent
from ui.record.record import Candidate, Floats, Model, Record, Rows, Rule, Step

_N_CANDIDATES: Final = 8


def of_head(
    step: kvcore.Step,
    attention: LayerTrace,
    tokenizer: Tokenizer,
    *,
    layer: int,
    head: int,
    steps: Sequence[Step] = (),
) -> Record:
    """One layer and head with every query, after `step`; `attention` is all of that layer."""
    return _record(
        step,
        {layer: attention},
        tokenizer,
        q=_rows({layer: attention.q}, (head,)),
        kv_heads=(head // step.model.queries_per_kv_head,),
        prompt=steps[0].fed if steps else None,
        steps=steps,
    )


def of_heads(step: kvcore.Step, looked: Mapping[int, LayerTrace], tokenizer: Tokenizer) -> Record:
    """Every head of some layers, each with every query."""
    heads = range(step.model.n_heads)
    return _record(
        step,
        looked,
        tokenizer,
        q=_rows({layer: each.q for layer, each in looked.items()}, heads),
        kv_heads=range(step.model.n_kv_heads),
    )


def of_cache(
    step: kvcore.Step,
    looked: Mapping[int, LayerTrace],
    fallen: Sequence[int],
    tokenizer: Tokenizer,
    *,
    layer: int,
    head: int,
) -> Record:
    """Rows that some layers hold after `step`, and the newest q of one head of `layer`.

    The step made the cache drop the tokens `fallen`.
    """
    every = len(looked) == step.model.n_layers
    dropped = sent(tokenizer.labels(fallen, mid_text=step.reused > 0))
    return _record(
        step,
        looked,
        tokenizer,
        q=_rows({layer: looked[layer].q[:, -1:]}, (head,), start=len(step.ids) - 1),
        kv_heads=range(step.model.n_kv_heads),
        steps=[played(step, tokenizer, dropped=dropped)],
        k_lengths=None if every else kvcore.key_norms(step).T,
    )


def played(step: kvcore.Step, tokenizer: Tokenizer, *, dropped: Sequence[SentLabel] = ()) -> Step:
    """A forward as it was measured, with the likeliest next tokens."""
    best = likeliest(step, _N_CANDIDATES)
    ids = [token for token, _ in best]
    labels = [sent(tokenizer.labels([token], mid_text=True))[0] for token in ids]
    return Step(
        phase=step.phase,
        start=step.start,
        fed=step.fed,
        held_bytes=step.cache.held_bytes,
        read_bytes=step_cost(step.model, fed=step.fed, seen=len(step.ids)).read_bytes,
        ms=1e3 * step.seconds,
        next=[Candidate(label, p) for label, (_, p) in zip(labels, best, strict=True)],
        chosen=ids.index(step.next_id) if step.next_id in ids else None,
        dropped=dropped,
    )


def _record(
    step: kvcore.Step,
    looked: Mapping[int, LayerTrace],
    tokenizer: Tokenizer,
    *,
    q: Rows,
    kv_heads: Sequence[int],
    prompt: int | None = None,
    steps: Sequence[Step] = (),
    k_lengths: Floats | None = None,
) -> Record:
    """The run up to `step`, with K and V of some layers and kv heads; all is prompt unless said."""
    return Record(
        tokens=sent(tokenizer.labels(step.ids)),
        prompt=prompt or len(step.ids),
        model=_model(step.model),
        rules=_rules(step),
        steps=steps,
        q=q,
        k=_rows({layer: each.k for layer, each in looked.items()}, kv_heads),
        v=_rows({layer: each.v for layer, each in looked.items()}, kv_heads),
        k_lengths=k_lengths,
    )


def _model(config: ModelConfig) -> Model:
    return Model(config.n_layers, config.n_heads, config.n_kv_heads, config.head_dim)


def _rules(step: kvcore.Step) -> list[Rule]:
    rules = [step.rule(layer) for layer in range(step.model.n_layers)]
    return [Rule(rule.causal, rule.window, rule.n_sink) for rule in rules]


def _rows(layers: Mapping[int, Floats], heads: Sequence[int], start: int = 0) -> Rows:
    """Those of some heads, of arrays (H, S - start, D) by layer."""
    chosen = np.stack([values[list(heads)] for values in layers.values()])  # (N, heads, T, D)
    values = np.ascontiguousarray(chosen.transpose(2, 0, 1, 3))
    return Rows(layers=tuple(layers), heads=tuple(heads), start=start, values=values)
