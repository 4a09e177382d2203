"""Looking into a step shows what the model computed in that run, not something like it."""

import numpy as np
import pytest

from kvcore.ops.attention import AttnState
from kvcore.records.cache_specs import Contiguous, NoCache
from kvcore.records.config import Visibility
from kvcore.records.trace import LayerTrace
from kvcore.study.look import key_norms, likeliest, look
from tests.kvcore.feeding import generate
from tests.kvcore.tiny import HEADS, RULES, spy, tiny_engine

CLOSE = 2e-5  # sums of 12 products, 25 in all, in another order: 12 units of 2⁻²⁴, of 25


def assert_is_what_ran(layer: LayerTrace, state: AttnState, n_heads: int, n_kv_heads: int) -> None:
    """`layer` against the tensors of the forward itself."""
    T = state.scores.shape[2]
    raw = state.qkv[0].transpose(0, 1).numpy()  # (H + 2 Hkv, T, D)
    fed_k = slice(layer.k_raw.shape[1] - T, None)
    np.testing.assert_array_equal(layer.q_raw, raw[:n_heads])
    np.testing.assert_array_equal(layer.k_raw[:, fed_k], raw[n_heads : n_heads + n_kv_heads])
    np.testing.assert_array_equal(layer.v[:, fed_k], raw[n_heads + n_kv_heads :])
    np.testing.assert_array_equal(layer.mask, state.mask)
    for name in ("scores", "weights", "z"):
        theirs = getattr(state, name)[0]
        np.testing.assert_allclose(getattr(layer, name), theirs, atol=CLOSE, err_msg=name)


@pytest.mark.parametrize("cache", [Contiguous(), NoCache()], ids=["cached", "recomputed"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("heads", HEADS)
def test_look_equals_what_the_model_computed_in_that_run(
    heads: str, rule: Visibility, cache: object
) -> None:
    engine = tiny_engine(heads)
    config, seen = engine.model.config, spy(engine)
    trace = generate(engine, cache, visibility=rule)
    assert len(seen) == 5
    for step, states in zip(trace.steps, seen, strict=True):
        for i, state in enumerate(states):
            assert_is_what_ran(look(step, i), state, config.n_heads, config.n_kv_heads)


def test_look_equals_what_the_model_computed_after_an_edit() -> None:
    engine = tiny_engine()
    config, seen, session = engine.model.config, spy(engine), engine.session()
    for text in ([5, 9, 2, 7, 7, 1], [5, 9, 2, 50, 51], [5, 9, 2, 50, 51, 52, 53]):
        step = session.update(text)
        for i, state in enumerate(seen[-1]):
            assert_is_what_ran(look(step, i), state, config.n_heads, config.n_kv_heads)


def test_look_gives_the_keys_and_values_that_the_cache_holds() -> None:
    session = tiny_engine().session()
    session.update([5, 9, 2, 7, 7, 1])
    step = session.step()
    for i, held in enumerate(session.cache.layers):
        layer = look(step, i)
        np.testing.assert_allclose(layer.k, held.k[0, :, :7], atol=CLOSE)
        np.testing.assert_array_equal(layer.v, held.v[0, :, :7])


def test_all_queries_are_each_steps_own_row() -> None:
    """The whole matrix of the last step, row by row, is what earlier steps computed."""
    steps = generate(tiny_engine()).steps
    for i in range(steps[0].model.n_layers):
        whole = look(steps[-1], i, "all")
        for step in steps:
            own, n = look(step, i), len(step.ids)
            rows = slice(step.start, n)
            np.testing.assert_array_equal(whole.q_pos[rows], own.q_pos)
            np.testing.assert_array_equal(whole.q[:, rows], own.q)
            np.testing.assert_array_equal(whole.mask[rows, :n], own.mask)
            assert not whole.mask[rows, n:].any(), "a key that came later was seen"
            for name in ("scores", "weights"):
                a, b = getattr(whole, name)[:, rows, :n], getattr(own, name)
                np.testing.assert_allclose(a, b, atol=CLOSE, err_msg=name)
            np.testing.assert_allclose(whole.z[:, rows], own.z, atol=CLOSE)


def test_rows_of_weights_sum_to_1_and_hidden_keys_get_0() -> None:
    for step in generate(tiny_engine()).steps:
        for queries in ("fed", "all"):
            layer = look(step, 0, queries)
            np.testing.assert_allclose(layer.weights.sum(-1), 1, atol=1e-6)
            assert (layer.weights[:, ~layer.mask] == 0).all()
            assert np.isfinite(layer.scores).all(), "scores are before the mask"


@pytest.mark.parametrize("layer", [-1, 3])
def test_looking_into_a_layer_that_is_not_there_is_an_error_with_both_numbers(layer: int) -> None:
    step = tiny_engine().session().update([5, 9])
    with pytest.raises(ValueError, match=f"layer={layer} must be from 0 to 2"):
        look(step, layer)


def test_the_likeliest_ids_are_the_head_of_softmax_over_all_logits() -> None:
    step = tiny_engine().session().update([5, 9, 2])
    exps = np.exp(step.logits.astype(np.float64))
    order = np.argsort(-step.logits)
    for n in (1, 5, len(exps), len(exps) + 9):
        best = likeliest(step, n)
        assert [i for i, _ in best] == order[:n].tolist()
        expected = exps[order[:n]] / exps.sum()
        np.testing.assert_allclose([share for _, share in best], expected, rtol=1e-6)
    assert likeliest(step, 1)[0][0] == step.next_id


def test_key_norms_are_the_lengths_of_the_cached_rows() -> None:
    session = tiny_engine().session()
    session.update([5, 9, 2])
    norms = key_norms(session.step())
    for i, held in enumerate(session.cache.layers):
        rows = held.k[0, :, :4].transpose(0, 1).reshape(4, -1).numpy()
        np.testing.assert_allclose(norms[i], np.linalg.norm(rows, axis=1), rtol=1e-5)
    with pytest.raises(ValueError, match="capture=True"):
        key_norms(tiny_engine().session(capture=False).update([5]))
