"""KL, flips and perplexity are what the definitions say, written out as loops."""

import math

import numpy as np
import pytest

from kvcore.records.cache_specs import NoCache
from kvcore.records.config import Visibility
from kvcore.study.quality import quality, trace_quality
from tests.kvcore.feeding import generate
from tests.kvcore.tiny import tiny_engine

LN2, LN3 = math.log(2), math.log(3)


def noisy(n: int = 6, vocab: int = 11, noise: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    exact = rng.normal(0, 3, (n, vocab)).astype(np.float32)
    return exact, exact + rng.normal(0, noise, exact.shape).astype(np.float32)


def probabilities(row: np.ndarray) -> list[float]:
    raised = [math.exp(float(x)) for x in row]
    return [x / sum(raised) for x in raised]


def test_a_run_beside_itself_has_no_damage() -> None:
    exact, _ = noisy()
    same = quality(exact, exact.copy(), [0, 3, 3, 7, 1, 10])
    assert not same.kl.any()
    assert same.n_flipped == same.max_gap == same.mean_kl == 0
    assert same.perplexity == same.exact_perplexity


def test_kl_and_perplexity_by_hand() -> None:
    """Two tokens: (1/2, 1/2) told as (3/4, 1/4), then the reverse."""
    even, odd = np.zeros(2, np.float32), np.array([LN3, 0.0], np.float32)
    found = quality(np.stack([even, odd]), np.stack([odd, even]), [0, 1])
    np.testing.assert_allclose(found.kl, [LN2 - LN3 / 2, 0.75 * LN3 - LN2], atol=1e-7)
    np.testing.assert_allclose(found.logit_gap, [LN3, LN3], atol=1e-7)
    assert found.exact_perplexity == pytest.approx(2)  # the text goes on with token 1
    assert found.perplexity == pytest.approx(4)


def test_every_measure_equals_a_plain_loop() -> None:
    exact, other = noisy()
    ids = [0, 3, 3, 7, 1, 10]
    found = quality(exact, other, ids)
    p, q = ([probabilities(row) for row in rows] for rows in (exact, other))
    for i in range(len(ids)):
        kl = sum(a * math.log(a / b) for a, b in zip(p[i], q[i], strict=True))
        assert found.kl[i] == pytest.approx(kl, abs=1e-12)
        assert found.flipped[i] == (p[i].index(max(p[i])) != q[i].index(max(q[i])))
    for rows, perplexity in ((p, found.exact_perplexity), (q, found.perplexity)):
        product = math.prod(row[token] for row, token in zip(rows[:-1], ids[1:], strict=True))
        assert perplexity == pytest.approx(product ** (-1 / (len(ids) - 1)))
    assert 0 < found.n_flipped < len(ids), "noise that flips all or none shows nothing"


def test_one_constant_added_to_all_logits_changes_no_distribution() -> None:
    exact, _ = noisy()
    moved = quality(exact, exact + 1000, [0, 3, 3, 7, 1, 10])
    np.testing.assert_allclose(moved.kl, 0, atol=1e-6)
    assert moved.n_flipped == 0
    assert moved.max_gap == pytest.approx(1000)


def test_large_logits_overflow_nowhere() -> None:
    exact = np.array([[800.0, 0.0], [0.0, 800.0]], np.float32)
    found = quality(exact, exact[::-1], [1, 0])
    np.testing.assert_allclose(found.kl, [800, 800])
    assert found.n_flipped == 2


def test_kl_is_never_negative_and_no_array_can_be_written() -> None:
    exact, other = noisy(noise=1e-7)
    found = quality(exact, other, [0, 3, 3, 7, 1, 10])
    assert (found.kl >= 0).all()
    for name in ("kl", "flipped", "logit_gap", "exact_log_p", "other_log_p"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(found, name)[0] = 0


def test_two_traces_are_compared_at_each_step_on_what_the_exact_one_wrote() -> None:
    engine = tiny_engine()
    exact, same = generate(engine), generate(engine, NoCache())
    found = trace_quality(exact, same)
    assert len(found.kl) == len(exact.steps) == len(found.exact_log_p)
    assert found.mean_kl < 1e-8
    assert found.n_flipped == 0
    first = probabilities(exact.steps[0].logits)[exact.steps[0].next_id]
    assert found.exact_log_p[0] == pytest.approx(math.log(first))


def test_two_traces_are_compared_no_further_than_they_read_the_same_tokens() -> None:
    engine = tiny_engine()
    exact, other = (
        generate(engine, steps=8),
        generate(engine, steps=8, visibility=Visibility(causal=False)),
    )
    written = zip(exact.new_ids, other.new_ids, strict=True)
    same = next(i for i, (a, b) in enumerate(written) if a != b)
    assert same < 7, "runs that never part would make this test empty"
    found = trace_quality(exact, other)
    assert len(found.kl) == same + 1
    assert found.flipped.tolist() == [False] * same + [True]


def test_runs_that_cannot_be_compared_are_refused_with_their_numbers() -> None:
    exact, other = noisy()
    with pytest.raises(ValueError, match="6 and 6 rows of logits for 5 tokens"):
        quality(exact, other, [0] * 5)
    with pytest.raises(ValueError, match="at least 2 tokens"):
        quality(exact[:1], other[:1], [0])
    engine = tiny_engine()
    with pytest.raises(ValueError, match="prompts of 6 and 5 tokens"):
        trace_quality(generate(engine), generate(engine, prompt=5))
