"""Each architecture, read from a folder that transformers saved, gives transformers' logits."""

from copy import copy
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.checkpoint.weights import load_transformer
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.accounting import step_cost
from kvcore.records.cache_specs import Contiguous
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.study.compare import verify
from kvcore.study.counting import counting
from kvcore.study.look import key_norms, look
from tests.kvcore.checkpoint.families import CASES, random_model, read_in_fp32, save, their_logits
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import TOLERANCE, random_ids, spy

N_TOKENS = 40
RAGGED = [7, 1, 12, 3, 17]


class Pair(NamedTuple):
    ours: Transformer
    theirs: torch.nn.Module
    ids: list[int]
    expected: np.ndarray  # (N_TOKENS, V)


@pytest.fixture(scope="module", params=CASES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    theirs = random_model(request.param)
    ours = load_transformer(save(theirs, tmp_path_factory.mktemp("model")))
    ids = random_ids(ours.config, N_TOKENS)
    return Pair(ours, theirs, ids, their_logits(theirs, ids))


@pytest.mark.parametrize(
    "chunks", [[N_TOKENS], [1] * N_TOKENS, RAGGED], ids=["whole", "1", "ragged"]
)
def test_cached_logits_equal_transformers_at_every_position(pair: Pair, chunks) -> None:
    cache = make_cache(Contiguous(), pair.ours.config)
    logits = feed(pair.ours, cache, pair.ids, chunks)
    np.testing.assert_allclose(logits, pair.expected, atol=TOLERANCE, rtol=0)


def test_recomputed_logits_equal_transformers_at_every_position(pair: Pair) -> None:
    logits, _ = Engine(pair.ours).recompute(pair.ids)
    np.testing.assert_allclose(logits, pair.expected, atol=TOLERANCE, rtol=0)


def test_a_session_that_edits_its_text_equals_transformers(pair: Pair) -> None:
    session = Engine(pair.ours).session()
    session.update([*pair.ids[:9], 3, 1, 4])
    for end in (20, N_TOKENS):
        step = session.update(pair.ids[:end])
        np.testing.assert_allclose(step.logits, pair.expected[end - 1], atol=TOLERANCE, rtol=0)


def test_look_equals_what_the_model_computed(pair: Pair) -> None:
    engine = Engine(copy(pair.ours))  # spied on, while the model goes on to other tests
    H, Hkv = pair.ours.config.n_heads, pair.ours.config.n_kv_heads
    seen = spy(engine)
    trace = engine.generate(pair.ids[:12], RunConfig(sampling=SamplingParams(max_new_tokens=3)))
    for step, states in zip(trace.steps, seen, strict=True):
        for i, state in enumerate(states):
            layer, raw = look(step, i), state.qkv[0].transpose(0, 1).numpy()
            np.testing.assert_array_equal(layer.q_raw, raw[:H])
            np.testing.assert_array_equal(layer.k_raw[:, step.start :], raw[H : H + Hkv])
            np.testing.assert_array_equal(layer.mask, state.mask)
            for name in ("scores", "weights", "z"):
                theirs = getattr(state, name)[0]
                np.testing.assert_allclose(getattr(layer, name), theirs, atol=2e-5, err_msg=name)
    assert verify(engine, trace.steps).equal


def test_look_gives_the_keys_that_transformers_would_cache(pair: Pair) -> None:
    transformers = pytest.importorskip("transformers")
    cache = transformers.DynamicCache()
    with torch.inference_mode():
        pair.theirs(torch.tensor([pair.ids]), cache=cache, use_cache=True)
    step = Engine(pair.ours).session().update(pair.ids)
    norms = key_norms(step)
    for i, theirs in enumerate(cache.layers):
        layer = look(step, i)
        np.testing.assert_allclose(layer.k, theirs.keys[0], atol=5e-5)
        np.testing.assert_allclose(layer.v, theirs.values[0], atol=5e-5)
        lengths = theirs.keys[0].square().sum((0, 2)).sqrt()  # of all kv heads together
        np.testing.assert_allclose(norms[i], lengths, rtol=1e-4)


def test_flops_are_what_the_formula_says(pair: Pair) -> None:
    """Biases, norms and rotations are elementwise, which neither side counts."""
    session = Engine(pair.ours).session()
    for fed, seen in ((5, 5), (1, 6)):
        with counting(pair.ours) as counts:
            session.update(pair.ids[:seen])
        cost = step_cost(pair.ours.config, fed=fed, seen=seen)
        assert (counts.flops, counts.k_rows) == (cost.flops, cost.k_rows)


def test_a_run_sees_no_further_than_the_models_own_window(tmp_path: Path) -> None:
    engine = Engine(load_transformer(save(random_model("mistral"), tmp_path)))
    ids = random_ids(engine.model.config, 20)
    age = np.arange(20)[:, None] - np.arange(20)
    logits = {}
    for asked, applied in ((None, 7), (50, 7), (7, 7), (3, 3)):
        step = engine.session(visibility=Visibility(window=asked)).update(ids)
        assert step.visibility == Visibility(window=applied)
        np.testing.assert_array_equal(look(step, 0).mask, (age >= 0) & (age < applied))
        logits[asked] = step.logits
    np.testing.assert_array_equal(logits[None], logits[50])
    assert np.abs(logits[None] - logits[3]).max() > 0.1


def test_a_window_set_for_a_run_is_the_window_of_transformers(tmp_path: Path) -> None:
    theirs = random_model("mistral")
    theirs.config.sliding_window = None  # so that only the run asks for one
    ours = load_transformer(save(theirs, tmp_path))
    theirs.config.sliding_window = 5
    ids = random_ids(ours.config, N_TOKENS)
    logits, _ = Engine(ours).recompute(ids, Visibility(window=5))
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("case", ["llama", "qwen2", "qwen3"])
def test_a_sharded_folder_is_the_same_model(tmp_path: Path, case: str) -> None:
    theirs = random_model(case)
    save(theirs, tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 3
    ours = load_transformer(tmp_path)
    ids = random_ids(ours.config, N_TOKENS)
    logits, _ = Engine(ours).recompute(ids)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("case", ["llama MHA tied", "qwen2", "qwen3"])
def test_half_precision_weights_are_computed_with_in_fp32(
    tmp_path: Path, case: str, dtype: torch.dtype
) -> None:
    save(random_model(case).to(dtype), tmp_path)
    ours, theirs = load_transformer(tmp_path), read_in_fp32(tmp_path)
    ids = random_ids(ours.config, N_TOKENS)
    logits, _ = Engine(ours).recompute(ids)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)
