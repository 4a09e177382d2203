"""The fast mode touches single rows alone; masks and types of a forward follow what they must."""

import numpy as np
import pytest
import torch
from tiny import random_ids, tiny_config, tiny_weights

from kvcore.cache import make_cache
from kvcore.config import Contiguous, Visibility
from kvcore.masks import Masks, visible
from kvcore.model import Transformer, rms_norm

CONFIG = tiny_config()
IDS = random_ids(CONFIG, 12)


@torch.inference_mode()
def logits_of(model: Transformer, chunks: list[list[int]]) -> list[np.ndarray]:
    cache = make_cache(Contiguous(), CONFIG)
    return [
        model(torch.tensor([ids]), cache, Visibility())[0, -1].float().numpy() for ids in chunks
    ]


def test_fast_changes_single_rows_a_little_and_several_rows_not_at_all() -> None:
    chunks = [IDS[:6], IDS[6:9], IDS[9:10], IDS[10:11]]
    exact = logits_of(Transformer(CONFIG, tiny_weights(CONFIG)), chunks)
    fast = logits_of(Transformer(CONFIG, tiny_weights(CONFIG), fast=True), chunks)
    # The head multiplies the last row alone, after a prefill too.
    gaps = [float(np.abs(a - b).max()) for a, b in zip(exact, fast, strict=True)]
    assert all(1e-4 < gap < 0.1 for gap in gaps), gaps
    every = [
        Transformer(CONFIG, tiny_weights(CONFIG), fast=mode)(
            torch.tensor([IDS]), make_cache(Contiguous(), CONFIG), Visibility(), every_position=True
        )
        for mode in (False, True)
    ]
    assert torch.equal(*every)


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
