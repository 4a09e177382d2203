"""The edges: one token, one layer, one head layout as another, a batch, a context that is full."""

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.cache_specs import Contiguous
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine, tiny_model, tiny_weights

ATOL = 1e-4  # tiny random models


@pytest.mark.parametrize("n_layers", [1, 2])
def test_one_token_and_one_layer_are_enough(n_layers: int) -> None:
    config = tiny_config(n_layers=n_layers)
    model = tiny_model(config)
    cached = feed(model, make_cache(Contiguous(), config), [7])
    np.testing.assert_allclose(cached, Engine(model).recompute([7])[0], atol=ATOL, rtol=0)


def test_gqa_whose_kv_heads_are_repeated_equals_mha() -> None:
    """Hkv = H with each kv head copied for its query heads is the same function."""
    gqa, mha = tiny_config("GQA"), tiny_config("MHA")
    weights = tiny_weights(gqa)
    for name in [name for name in weights if "k_proj" in name or "v_proj" in name]:
        heads = weights[name].view(gqa.n_kv_heads, gqa.head_dim, gqa.dim)
        repeated = heads.repeat_interleave(gqa.queries_per_kv_head, 0)
        weights[name] = repeated.reshape(-1, gqa.dim)
    ids = random_ids(gqa, 12)
    a, _ = Engine(tiny_model(gqa)).recompute(ids)
    b, _ = Engine(Transformer(mha, weights)).recompute(ids)
    np.testing.assert_allclose(a, b, atol=ATOL, rtol=0)


def test_two_sequences_in_a_batch_equal_each_alone() -> None:
    config = tiny_config()
    model = tiny_model(config)
    rows = [random_ids(config, 9, seed) for seed in (1, 2)]
    cache = make_cache(Contiguous(), config)
    with torch.inference_mode():
        first = model(torch.tensor([r[:6] for r in rows]), cache, Visibility())
        rest = model(torch.tensor([r[6:] for r in rows]), cache, Visibility())
    for i, row in enumerate(rows):
        alone = feed(model, make_cache(Contiguous(), config), row)
        np.testing.assert_allclose(first[i, 0], alone[5], atol=ATOL, rtol=0)
        np.testing.assert_allclose(rest[i, 0], alone[8], atol=ATOL, rtol=0)


def test_a_full_context_can_be_used_to_its_last_token() -> None:
    engine = tiny_engine(max_seq_len=12)
    ids = random_ids(engine.model.config, 10)
    trace = engine.generate(ids, RunConfig(sampling=SamplingParams(max_new_tokens=50)))
    assert [len(step.ids) for step in trace.steps] == [10, 11, 12]
    assert trace.steps[-1].cache.n_seen == 12


@pytest.mark.parametrize("capacity", [12, 100])
def test_more_tokens_than_max_seq_len_is_an_error_with_both_numbers(capacity: int) -> None:
    config = tiny_config(max_seq_len=capacity)
    engine = Engine(tiny_model(config))
    too_long = random_ids(config, capacity + 1)
    message = f"{capacity + 1} tokens .* max_seq_len={capacity}"
    with pytest.raises(ValueError, match=message):
        engine.generate(too_long, RunConfig())
    with pytest.raises(ValueError, match=message):
        engine.recompute(too_long)
    cache = make_cache(Contiguous(), config)
    feed(engine.model, cache, too_long[:-1])
    with pytest.raises(ValueError, match=message):
        feed(engine.model, cache, too_long[-1:])


@pytest.mark.parametrize("ids", [[], [-1], [104]], ids=["no token", "negative", "beyond"])
def test_ids_that_are_no_tokens_are_refused(ids: list[int]) -> None:
    engine = tiny_engine()
    with pytest.raises(ValueError, match=r"at least 1|must be from 0 to 103"):
        engine.generate(ids, RunConfig())
