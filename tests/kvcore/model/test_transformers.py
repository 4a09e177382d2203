"""The same weights in transformers' Llama give the same logits, keys and values."""

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import Contiguous, NoCache
from kvcore.records.config import ModelConfig, RunConfig, SamplingParams
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import HEADS, TOLERANCE, random_ids, tiny_config, tiny_model, tiny_weights

transformers = pytest.importorskip("transformers")

N_TOKENS = 40
RAGGED = [7, 1, 12, 3, 17]


@pytest.fixture(params=["tied", "untied"])
def tied(request: pytest.FixtureRequest) -> bool:
    return request.param == "tied"


@pytest.fixture(params=HEADS)
def config(request: pytest.FixtureRequest, tied: bool) -> ModelConfig:
    return tiny_config(request.param, tied, rope_theta=5_000.0)


@pytest.fixture
def theirs(config: ModelConfig) -> "transformers.LlamaForCausalLM":
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.dim,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            num_key_value_heads=config.n_kv_heads,
            head_dim=config.head_dim,
            intermediate_size=config.hidden_dim,
            max_position_embeddings=config.max_seq_len,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
            rms_norm_eps=config.norm_eps,
            tie_word_embeddings=config.tied,
            attn_implementation="eager",
        )
    )
    missing = model.load_state_dict(tiny_weights(config), strict=False)
    assert set(missing.missing_keys) <= {"lm_head.weight"}, missing  # absent when tied
    assert not missing.unexpected_keys
    return model.float().eval()


@torch.inference_mode()
def their_logits(theirs: "transformers.LlamaForCausalLM", ids: list[int]) -> np.ndarray:
    return theirs(torch.tensor([ids]), use_cache=False).logits[0].numpy()


@pytest.mark.parametrize(
    "chunks", [[N_TOKENS], [1] * N_TOKENS, RAGGED], ids=["whole", "1", "ragged"]
)
def test_cached_logits_equal_transformers_at_every_position(config, theirs, chunks) -> None:
    ids = random_ids(config, N_TOKENS)
    ours = feed(tiny_model(config), make_cache(Contiguous(), config), ids, chunks)
    np.testing.assert_allclose(ours, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


def test_recomputed_logits_equal_transformers_at_every_position(config, theirs) -> None:
    ids = random_ids(config, N_TOKENS)
    logits, _ = Engine(tiny_model(config)).recompute(ids)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


def test_a_session_fed_in_ragged_chunks_equals_transformers(config, theirs) -> None:
    ids = random_ids(config, N_TOKENS)
    expected = their_logits(theirs, ids)
    session = Engine(tiny_model(config)).session(capture=False)
    for end in np.cumsum(RAGGED):
        step = session.update(ids[:end])
        np.testing.assert_allclose(step.logits, expected[end - 1], atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("chunks", [[N_TOKENS], RAGGED], ids=["whole", "ragged"])
def test_the_cache_holds_the_keys_and_values_of_transformers(config, theirs, chunks) -> None:
    ids = random_ids(config, N_TOKENS)
    cache = make_cache(Contiguous(), config)
    feed(tiny_model(config), cache, ids, chunks)
    kept = transformers.DynamicCache()
    with torch.inference_mode():
        theirs(torch.tensor([ids]), cache=kept, use_cache=True)
    for ours, layer in zip(cache.layers, kept.layers, strict=True):
        assert isinstance(ours, ContiguousLayer)
        assert layer.keys.shape == (1, config.n_kv_heads, N_TOKENS, config.head_dim)
        torch.testing.assert_close(ours.k[:, :, :N_TOKENS], layer.keys, atol=2e-5, rtol=0)
        torch.testing.assert_close(ours.v[:, :, :N_TOKENS], layer.values, atol=2e-5, rtol=0)


def test_greedy_tokens_are_the_same_three_ways(config, theirs) -> None:
    ids, n = random_ids(config, 6), 30
    engine = Engine(tiny_model(config))
    greedy = SamplingParams(max_new_tokens=n)
    cached = engine.generate(ids, RunConfig(sampling=greedy)).new_ids
    recomputed = engine.generate(ids, RunConfig(cache=NoCache(), sampling=greedy)).new_ids
    with torch.inference_mode():
        out = theirs.generate(
            torch.tensor([ids]), max_new_tokens=n, do_sample=False, eos_token_id=None
        )
    assert cached == recomputed == tuple(out[0, len(ids) :].tolist())
