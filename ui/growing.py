"""A trace as the growth figure plays it."""

from __future__ import annotations

from kvcore import Step, Tokenizer, Trace, likeliest, step_cost
from ui.components.growth import Candidate, GrowthStep

N_CANDIDATES = 8


def growth_steps(trace: Trace, tokenizer: Tokenizer) -> list[GrowthStep]:
    """Each step with its measured milliseconds, its bytes, and what could come next."""
    return [_step(step, tokenizer) for step in trace.steps]


def candidates(step: Step, tokenizer: Tokenizer) -> list[Candidate]:
    """The likeliest next tokens, best first."""
    return [
        Candidate(label=tokenizer.labels([token])[0], p=probability)
        for token, probability in likeliest(step, N_CANDIDATES)
    ]


def _step(step: Step, tokenizer: Tokenizer) -> GrowthStep:
    best = [token for token, _ in likeliest(step, N_CANDIDATES)]
    return GrowthStep(
        phase=step.phase,
        start=step.start,
        fed=step.fed,
        held_bytes=step.cache.held_bytes,
        read_bytes=step_cost(step.model, fed=step.fed, seen=len(step.ids)).read_bytes,
        ms=1e3 * step.seconds,
        next=candidates(step, tokenizer),
        chosen=best.index(step.next_id) if step.next_id in best else None,
    )
