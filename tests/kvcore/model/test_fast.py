"""The fast mode rounds weights and nothing else; masks and types of a forward follow theirs."""

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.model import transformer, weight_reader
from kvcore.model.fingerprint import fingerprint
from kvcore.model.transformer import Transformer, rms_norm
from kvcore.ops.masks import Masks, visible
from kvcore.ops.products import Fp16Weights, Sliced
from kvcore.records.cache_specs import Contiguous
from kvcore.records.config import Visibility
from tests.kvcore.tiny import NEEDS_FBGEMM, linears, random_ids, tiny_config, tiny_weights

CONFIG = tiny_config()
IDS = random_ids(CONFIG, 12)
CHUNKS = [IDS[:6], IDS[6:9], IDS[9:10], IDS[10:11]]


@torch.inference_mode()
def logits_of(transformer: Transformer, chunks: list[list[int]]) -> list[np.ndarray]:
    cache = make_cache(Contiguous(), CONFIG)
    return [
        transformer(torch.tensor([ids]), cache, Visibility())[0, -1].float().numpy()
        for ids in chunks
    ]


@NEEDS_FBGEMM
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_fast_is_the_model_with_its_matrices_rounded_to_fp16(tied: bool) -> None:
    config = tiny_config(tied=tied)
    weights = tiny_weights(config)
    rounded = {n: w.half().float() if w.ndim == 2 else w for n, w in weights.items()}
    exact, fast, same = (
        logits_of(each, CHUNKS)
        for each in (
            Transformer(config, weights),
            Transformer(config, weights, fast=True),
            Transformer(config, rounded),
        )
    )
    np.testing.assert_allclose(fast, same, atol=1e-4, rtol=0)
    gaps = [float(np.abs(a - b).max()) for a, b in zip(exact, fast, strict=True)]
    assert all(5e-4 < gap < 0.1 for gap in gaps), gaps


@NEEDS_FBGEMM
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_fast_keeps_no_matrix_in_fp32(tied: bool) -> None:
    config = tiny_config(tied=tied)
    fast = Transformer(config, tiny_weights(config), fast=True)
    assert {type(linear.product) for linear in linears(fast)} == {Fp16Weights}
    assert fast.embed.table.dtype == torch.float16


@NEEDS_FBGEMM
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_an_exact_model_keeps_fp16_numbers_in_fp16_but_for_down(
    monkeypatch: pytest.MonkeyPatch, tied: bool
) -> None:
    config = tiny_config(tied=tied)
    weights = {n: w.half().float() for n, w in tiny_weights(config).items()}
    small = Transformer(config, weights)
    monkeypatch.setattr(transformer, "SMALL_MODEL", 0)
    large = Transformer(config, weights)
    downs = {id(block.mlp.down) for block in large.blocks}
    for linear in linears(large):
        assert isinstance(linear.product, Sliced if id(linear) in downs else Fp16Weights)
        assert linear.product.precise
    assert {type(linear.product) for linear in linears(small)} == {Sliced}
    np.testing.assert_allclose(
        logits_of(large, CHUNKS), logits_of(small, CHUNKS), atol=1e-4, rtol=0
    )
    assert fingerprint(large) == fingerprint(small)


def test_an_infinite_weight_stays_infinite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformer, "SMALL_MODEL", 0)
    weights = {n: w.half().float() for n, w in tiny_weights(CONFIG).items()}
    weights["model.layers.1.mlp.up_proj.weight"][3, 5] = float("inf")
    exact = Transformer(CONFIG, weights)
    assert exact.blocks[1].mlp.gate_up.weight.isinf().sum() == 1


def test_an_exact_model_rounds_nothing_to_fp16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformer, "SMALL_MODEL", 0)
    exact = Transformer(CONFIG, tiny_weights(CONFIG))
    assert {type(linear.product) for linear in linears(exact)} == {Sliced}
    assert exact.embed.table.dtype == torch.float32


@NEEDS_FBGEMM
@pytest.mark.parametrize("wrong", [7e4, float("nan")], ids=["large", "nan"])
@pytest.mark.parametrize(
    "name", ["model.embed_tokens.weight", "lm_head.weight", "model.layers.1.mlp.up_proj.weight"]
)
def test_fast_refuses_a_number_that_fp16_does_not_hold(name: str, wrong: float) -> None:
    config = tiny_config(tied=False)
    weights = tiny_weights(config)
    weights[name][3, 5] = wrong
    with pytest.raises(ValueError, match=rf"{name} holds \S+, fp16 no more than 65504: load it"):
        Transformer(config, weights, fast=True)


def test_without_fbgemm_fast_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_reader, "has_fbgemm", lambda: False)
    exact, fast = (Transformer(CONFIG, tiny_weights(CONFIG), fast=mode) for mode in (False, True))
    for ours, theirs in zip(
        *(logits_of(m, [IDS[:6], IDS[6:7]]) for m in (exact, fast)), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@NEEDS_FBGEMM
def test_fast_loses_nothing_of_weights_in_fp16_and_is_the_same_model() -> None:
    weights = {n: w.half().float() for n, w in tiny_weights(CONFIG).items()}
    exact, fast = Transformer(CONFIG, weights), Transformer(CONFIG, weights, fast=True)
    np.testing.assert_allclose(logits_of(fast, CHUNKS), logits_of(exact, CHUNKS), atol=1e-4, rtol=0)
    assert fingerprint(fast) == fingerprint(exact)
    assert fingerprint(fast) != fingerprint(Transformer(CONFIG, tiny_weights(CONFIG), fast=True))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_a_model_computes_in_the_type_of_its_weights(dtype: torch.dtype) -> None:
    weights = {name: tensor.to(dtype) for name, tensor in tiny_weights(CONFIG).items()}
    cache = make_cache(Contiguous(), CONFIG)
    with torch.inference_mode():
        first = Transformer(CONFIG, weights)(torch.tensor([IDS]), cache, Visibility())
        later = Transformer(CONFIG, weights)(torch.tensor([IDS[:1]]), cache, Visibility())
    assert first.dtype == later.dtype == cache.layers[0].k.dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("rows", [1, 5])
def test_a_norm_keeps_its_range_in_every_type(rows: int, dtype: torch.dtype) -> None:
    """The squares of such rows sum up to 130,000, twice what fp16 holds."""
    rng = np.random.default_rng(rows)
    x, weight = rng.normal(0, 15, (1, rows, 576)), rng.normal(1, 0.3, 576)
    expected = x / np.sqrt(np.square(x).mean(-1, keepdims=True) + 1e-5) * weight
    got = rms_norm(torch.tensor(x).to(dtype), torch.tensor(weight).to(dtype), 1e-5)
    assert got.dtype == dtype
    tolerance = 8 * torch.finfo(dtype).eps
    np.testing.assert_allclose(got.double().numpy(), expected, atol=tolerance, rtol=tolerance)


def test_a_mask_is_computed_again_where_the_keys_stand_elsewhere() -> None:
    q_pos, positions = torch.tensor([3, 4]), torch.arange(9)
    masks = Masks(Visibility(window=3), q_pos)
    once, _ = masks.over(positions[:5])
    assert masks.over(positions[:5])[0] is once
    for k_pos in (positions[:4], positions[1:6], positions.flip(0)):
        assert torch.equal(masks.over(k_pos)[0], visible(masks.rule, q_pos, k_pos))
