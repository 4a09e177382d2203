"""How well one run predicts a text beside another: numpy only, no model.

The measures that papers on cache compression report: KL divergence of the next-token distribution,
flipped likeliest tokens, perplexity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kvcore.records.cache_specs import CacheSpec
from kvcore.records.checks import check_kind, whole_numbers
from kvcore.records.config import Visibility
from kvcore.records.trace import Trace, locked


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Quality:
    """Predictions of a run beside those of the exact one, at n positions of one text.

    The arrays are read-only. A position predicts the token after it; the last one of a text has
    none, hence the n - 1 of the log probabilities.
    """

    kl: np.ndarray  # (n,) KL divergence of the exact distribution from the other, nats
    flipped: np.ndarray  # (n,) bool: the likeliest next token is another
    logit_gap: np.ndarray  # (n,) largest absolute difference of any logit
    exact_log_p: np.ndarray  # (n - 1,) log probability of the text's next token, nats
    other_log_p: np.ndarray  # (n - 1,)

    @property
    def mean_kl(self) -> float:
        return float(self.kl.mean())

    @property
    def n_flipped(self) -> int:
        return int(self.flipped.sum())

    @property
    def max_gap(self) -> float:
        return float(self.logit_gap.max())

    @property
    def exact_perplexity(self) -> float:
        """exp of the mean negative log probability: between how many tokens the run wavers."""
        return float(np.exp(-self.exact_log_p.mean()))

    @property
    def perplexity(self) -> float:
        """The same of the other run."""
        return float(np.exp(-self.other_log_p.mean()))


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Damage:
    """Savings and costs, on a text, of a way to store K and V or to see less of them."""

    cache: CacheSpec
    visibility: Visibility
    quality: Quality  # beside a run that keeps and sees everything
    held_bytes: int  # K and V of the text, all layers
    exact_bytes: int  # the same in fp32, one row for each token

    @property
    def saved_bytes(self) -> int:
        return self.exact_bytes - self.held_bytes


def quality(exact: np.ndarray, other: np.ndarray, ids: Sequence[int]) -> Quality:
    """Compare logits (n, V) of two runs at every position of the text `ids` (n,).

    All arithmetic is float64. Raises ValueError unless both have one row for each of at least two
    tokens.
    """
    ids = whole_numbers("ids", ids)
    check_kind("exact", exact, np.ndarray)
    check_kind("other", other, np.ndarray)
    if exact.ndim != 2 or other.ndim != 2:
        raise ValueError(f"logits of {exact.shape} and {other.shape} must be (tokens, vocabulary)")
    if not len(exact) == len(other) == len(ids) or len(ids) < 2:
        raise ValueError(
            f"{len(exact)} and {len(other)} rows of logits for {len(ids)} tokens: give one row of "
            "each for every token, and at least 2 tokens"
        )
    if exact.shape != other.shape or max(ids) >= exact.shape[1]:
        raise ValueError(
            f"logits of {exact.shape} and {other.shape} for ids up to {max(ids)}: give both of one "
            "vocabulary, and its ids"
        )
    return _compare(exact, other, ids[1:])


def trace_quality(exact: Trace, other: Trace) -> Quality:
    """Compare two generated runs step by step, up to where they have written different tokens.

    The text is what the exact run wrote. Raises ValueError when the prompts differ.
    """
    check_kind("exact", exact, Trace)
    check_kind("other", other, Trace)
    same = [a.ids == b.ids for a, b in zip(exact.steps, other.steps, strict=False)]
    if not same or not same[0]:
        raise ValueError(
            f"prompts of {len(exact.prompt_ids)} and {len(other.prompt_ids)} tokens differ: "
            "compare runs of one prompt"
        )
    n = same.index(False) if False in same else len(same)  # from there on they read different texts
    a, b = (np.stack([step.logits for step in run.steps[:n]]) for run in (exact, other))
    return _compare(a, b, exact.new_ids[:n])


def _compare(exact: np.ndarray, other: np.ndarray, following: Sequence[int]) -> Quality:
    kl = np.empty(len(exact))
    log_p = np.empty((2, len(following)))
    for i, rows in enumerate(zip(exact, other, strict=True)):  # a row at a time: V is large
        p, q = (_log_softmax(row) for row in rows)
        kl[i] = np.maximum(0.0, np.exp(p) @ (p - q))  # never negative; its rounding could be
        if i < len(following):
            log_p[:, i] = p[following[i]], q[following[i]]
    return Quality(
        kl=locked(kl),
        flipped=locked(exact.argmax(-1) != other.argmax(-1)),
        logit_gap=locked(np.abs(exact - other).max(-1)),
        exact_log_p=locked(log_p[0]),
        other_log_p=locked(log_p[1]),
    )


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max()
    log_p: np.ndarray = shifted - np.log(np.exp(shifted).sum())
    return log_p
