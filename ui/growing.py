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
    return _labelled(likeliest(step, N_CANDIDATES), tokenizer)


def _labelled(best: list[tuple[int, float]], tokenizer: Tokenizer) -> list[Candidate]:
    return [
        Candidate(label=tokenizer.labels([token])[0], p=probability) for token, probability in best
    ]


def _step(step: Step, tokenizer: Tokenizer) -> GrowthStep:
    best = likeliest(step, N_CANDIDATES)
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
