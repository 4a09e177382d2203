"""The model equals an oracle in numpy loops that shares no code with it.

Cached against recomputed cannot see a mistake that both share; this can.
"""

import dataclasses

import numpy as np
import pytest

from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.cache_specs import NoCache
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.records.trace import LayerTrace
from kvcore.study.look import look
from tests.kvcore import oracle
from tests.kvcore.tiny import (
    HEADS,
    RULES,
    random_ids,
    run_oracle,
    tiny_config,
    tiny_model,
    tiny_weights,
)

N_TOKENS = 9
LOOSE = 5e-5  # fp32 against float64; sums in another order move it by 1e-5


def assert_layer_equals(ours: LayerTrace, theirs: oracle.OracleLayer, rows: slice) -> None:
    np.testing.assert_array_equal(ours.mask, theirs.mask[rows])
    for name in ("k", "v"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=LOOSE)
    for name in ("q", "scores", "weights", "z"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name)[:, rows], atol=LOOSE, err_msg=name
        )


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("heads", HEADS)
def test_prefill_equals_the_oracle_in_every_layer_and_head(
    heads: str, tied: bool, rule: Visibility
) -> None:
    config = tiny_config(heads, tied, rope_theta=500.0, norm_eps=1e-3)
    ids = random_ids(config, N_TOKENS)
    engine = Engine(tiny_model(config))
    expected, layers = run_oracle(config, ids, rule)

    logits, _ = engine.recompute(ids, rule)
    np.testing.assert_allclose(logits, expected, atol=LOOSE)
    step = engine.session(visibility=rule).update(ids)
    np.testing.assert_allclose(step.logits, expected[-1], atol=LOOSE)
    for i, layer in enumerate(layers):
        assert_layer_equals(look(step, i), layer, slice(None))


@pytest.mark.parametrize("heads", HEADS)
def test_decode_equals_the_last_row_of_the_oracle(heads: str) -> None:
    config = tiny_config(heads)
    prompt = random_ids(config, 5)
    for rule in (RULES["causal"], RULES["window and sinks"]):
        run = RunConfig(visibility=rule, sampling=SamplingParams(max_new_tokens=4))
        for step in Engine(tiny_model(config)).generate(prompt, run).steps:
            expected, layers = run_oracle(config, list(step.ids), rule)
            np.testing.assert_allclose(step.logits, expected[-1], atol=LOOSE)
            for i, layer in enumerate(layers):
                assert_layer_equals(look(step, i), layer, slice(step.start, None))


def test_recompute_equals_the_oracle_at_every_step() -> None:
    config = tiny_config()
    run = RunConfig(cache=NoCache(), sampling=SamplingParams(max_new_tokens=3))
    for step in Engine(tiny_model(config)).generate(random_ids(config, 5), run).steps:
        expected, layers = run_oracle(config, list(step.ids))
        np.testing.assert_allclose(step.logits, expected[-1], atol=LOOSE)
        for i, layer in enumerate(layers):
            assert_layer_equals(look(step, i), layer, slice(None))


def test_the_oracle_notices_a_different_rope_theta_eps_and_head() -> None:
    """What the settings above are worth: each one moves the logits far beyond the tolerance."""
    config = tiny_config(tied=False)
    ids = random_ids(config, N_TOKENS)
    expected, _ = run_oracle(config, ids)
    for change in ({"rope_theta": 500.0}, {"norm_eps": 1e-3}, {"tied": True}):
        other = dataclasses.replace(config, **change)
        moved, _ = Engine(Transformer(other, tiny_weights(config))).recompute(ids)
        assert np.abs(moved - expected).max() > 50 * LOOSE, change
