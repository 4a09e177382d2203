"""Every way to multiply by a matrix gives the same rows; memory for matrices holds what it took."""

import itertools
import mmap
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from feeding import feed
from tiny import needs_onednn, random_ids, tiny_config, tiny_model, tiny_weights
from torch import Tensor

from kvcore import memory, parts
from kvcore.cache import make_cache
from kvcore.config import Contiguous, ModelConfig
from kvcore.fingerprint import fingerprint
from kvcore.linear import Linear, fastest_slices
from kvcore.memory import ALIGNED, Room
from kvcore.model import Transformer
from kvcore.products import FEW_ROWS, MANY_ROWS, Halved, Packed, Product, Sliced
from kvcore.weights import expected_shapes

CONFIG = tiny_config()
WAYS = [
    pytest.param(Sliced, 1e-4, id="whole"),
    pytest.param(lambda weight: Sliced(weight, 8), 1e-4, id="in slices"),
    pytest.param(lambda weight: Halved(weight.half()), 0.1, id="fp16"),
    pytest.param(Packed, 1e-4, id="packed", marks=needs_onednn),
]
SHAPES = {"tall": (96, 40), "wide": (40, 96), "odd": (101, 37)}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(("way", "tolerance"), WAYS)
@pytest.mark.parametrize("rows", [0, 1, 2, FEW_ROWS, 5, MANY_ROWS - 1, MANY_ROWS, 130])
def test_every_way_gives_x_times_w_transposed(
    way: Callable[[Tensor], Product], tolerance: float, rows: int, shape: tuple[int, int]
) -> None:
    rng = np.random.default_rng(rows)
    weight, x = rng.normal(size=shape), rng.normal(size=(rows, shape[1]))
    product = way(torch.tensor(weight, dtype=torch.float32))
    fed = torch.tensor(x, dtype=torch.float32)
    for each in (fed, fed.t().contiguous().t()):  # in either order of memory
        np.testing.assert_allclose(product(each).numpy(), x @ weight.T, atol=tolerance, rtol=0)


@needs_onednn
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_packed_matrix_can_be_read_again_to_the_last_bit(shape: tuple[int, int]) -> None:
    weight = torch.randn(shape)
    assert torch.equal(Packed(weight).weight, weight)


def biased(weights: dict[str, Tensor], config: ModelConfig) -> dict[str, Tensor]:
    """`weights` and the biases that `config` asks for."""
    shapes = expected_shapes(config)
    return weights | {name: torch.randn(shapes[name]) for name in shapes if name not in weights}


def packed_in(model: Transformer) -> list[str]:
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear) and isinstance(module.product, Packed)
    ]


@needs_onednn
@pytest.mark.parametrize("fast", [False, True])
def test_a_batched_model_packs_its_large_matrices_and_answers_as_the_plain_one(
    monkeypatch: pytest.MonkeyPatch, fast: bool
) -> None:
    config = tiny_config(tied=False, qkv_bias=True, out_bias=True, mlp_bias=True)
    weights = biased(tiny_weights(config), config)
    assert packed_in(Transformer(config, weights, batched=True)) == [], "small ones stay"
    wo = weights["model.layers.0.self_attn.o_proj.weight"]
    monkeypatch.setattr(parts, "WORTH_PACKING", wo.numel() + 1)
    batched = Transformer(config, weights, batched=True, fast=fast)
    large = {"wqkv", "gate_up", "down", "head"}
    assert {name.rsplit(".", 1)[-1] for name in packed_in(batched)} == large
    plain = Transformer(config, weights, fast=fast)
    assert fingerprint(batched) == fingerprint(plain)
    caches = [make_cache(Contiguous(), config) for _ in range(2)]
    ids = random_ids(config, 30)
    for chunk in (ids[:20], ids[20:23], ids[23:24]):
        ours, theirs = (feed(m, c, chunk) for m, c in zip((batched, plain), caches, strict=True))
        np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=0)


def test_only_fp32_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "WORTH_PACKING", 0)
    for dtype in (torch.float64, torch.bfloat16):
        weights = {name: tensor.to(dtype) for name, tensor in tiny_weights(CONFIG).items()}
        assert packed_in(Transformer(CONFIG, weights, batched=True)) == []


def test_a_small_model_is_not_timed_and_multiplies_in_one_piece() -> None:
    assert fastest_slices([torch.ones(3, 4)]) == 1


def test_a_tied_head_multiplies_by_the_embedding_itself() -> None:
    model = tiny_model(CONFIG)
    assert model.head.weight.data_ptr() == model.embedding.data_ptr()


def test_placed_tensors_are_stacked_keep_their_numbers_and_begin_at_lines_of_the_cache() -> None:
    room = Room()
    taken = [torch.randn(n, 7) for n in range(1, 9)]
    pairs = list(itertools.pairwise(taken))
    placed = [room.place(*pair) for pair in pairs]
    for pair, tensor in zip(pairs, placed, strict=True):
        assert torch.equal(tensor, torch.cat(pair))
        assert tensor.is_contiguous()
        assert tensor.data_ptr() % ALIGNED == 0
    half = room.place(torch.ones(3).half())
    assert half.dtype == torch.float16
    assert torch.equal(half, torch.ones(3).half())


def test_a_tensor_larger_than_a_chunk_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CHUNK", 1024)
    room = Room()
    first, large, last = (room.place(torch.full((n,), float(n))) for n in (10, 5000, 20))
    for n, tensor in ((10, first), (5000, large), (20, last)):
        assert torch.equal(tensor, torch.full((n,), float(n)))


@pytest.mark.skipif(not hasattr(mmap, "MADV_HUGEPAGE"), reason="Linux alone has huge pages")
def test_the_memory_is_marked_for_huge_pages() -> None:
    """The kernel says so of the mapping; whether it has any to give is its affair."""
    smaps = Path("/proc/self/smaps")
    if not smaps.exists():
        pytest.skip("this system has no /proc")
    placed = Room().place(torch.ones(1000))
    address = placed.data_ptr()
    for line in smaps.read_text().splitlines():
        head = line.split(" ", 1)[0]
        if "-" in head and not head.endswith(":"):
            start, end = (int(each, 16) for each in head.split("-"))
        elif head == "VmFlags:" and start <= address < end:
            assert "hg" in line.split()
            return
    pytest.fail("no mapping holds the tensor")


def test_without_onednn_everything_is_there_and_nothing_is_packed() -> None:
    """As on a Mac, whose build of torch has none."""
    script = """
import torch
torch.ops.__dict__["mkldnn"] = type(torch.ops.mkldnn)("nothing")
import kvcore
decoder = kvcore.load(batched=True)
ids = decoder.tokenizer.encode("The whale rolled in the sea, and the sea was calm.")
assert len(ids) > 9
run = kvcore.RunConfig(sampling=kvcore.SamplingParams(max_new_tokens=3))
trace = decoder.engine.generate(ids, run)
assert kvcore.verify(decoder.engine, trace.steps) < 2e-4
kvcore.count_last_step(decoder.engine, ids)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
