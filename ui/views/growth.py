"""kv.growth of a run: its steps, and the rows and weights of one layer and head."""

from __future__ import annotations

from typing import Final

from kvcore import Decoder, LayerTrace, Step, Tokenizer, Trace, likeliest, step_cost
from ui.figures.control import Control
from ui.figures.growth import Candidate, GrowthStep, growth_block, words

N_TOKENS: Final = 16  # written after the prompt
_N_CANDIDATES: Final = 8


def growth(
    decoder: Decoder,
    trace: Trace,
    attention: LayerTrace,
    *,
    layer: int,
    head: int,
    step: int,
    lang: str,
    control: Control = "free",
) -> bytes:
    """Pack a run, of which `attention` is all of `layer` at its end, opened at `step`."""
    kv_head = head // decoder.config.queries_per_kv_head
    return growth_block(
        tokens=decoder.tokenizer.labels(trace.steps[-1].ids),
        steps=[_played(each, decoder.tokenizer) for each in trace.steps],
        layer=layer,
        head=head,
        kv_head=kv_head,
        n_layers=decoder.config.n_layers,
        n_kv_heads=decoder.config.n_kv_heads,
        scores=attention.scores[head],
        weights=attention.weights[head],
        mask=attention.mask,
        k=attention.k[kv_head],
        v=attention.v[kv_head],
        text=words(lang),
        step=step,
        control=control,
    )


def candidates(step: Step, tokenizer: Tokenizer) -> list[Candidate]:
    """The likeliest next tokens, best first."""
    return _labelled(likeliest(step, _N_CANDIDATES), tokenizer)


def _labelled(best: list[tuple[int, float]], tokenizer: Tokenizer) -> list[Candidate]:
    return [
        Candidate(label=tokenizer.labels([token], mid_text=True)[0], p=probability)
        for token, probability in best
    ]


def _played(step: Step, tokenizer: Tokenizer) -> GrowthStep:
    best = likeliest(step, _N_CANDIDATES)
    ids = [token for token, _ in best]
    return GrowthStep(
        phase=step.phase,
        start=step.start,
        fed=step.fed,
        held_bytes=step.cache.held_bytes,
        read_bytes=step_cost(step.model, fed=step.fed, seen=len(step.ids)).read_bytes,
        ms=1e3 * step.seconds,
        next=_labelled(best, tokenizer),
        chosen=ids.index(step.next_id) if step.next_id in ids else None,
    )
