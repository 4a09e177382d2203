"""Every way to multiply by a matrix gives the same rows; memory for matrices holds what it took."""

import itertools
import mmap
import os
import platform
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import kvcore
from kvcore.model.transformer import Transformer
from kvcore.ops import memory, products
from kvcore.ops.linear import fastest_slices
from kvcore.ops.memory import ALIGNED, Arena
from kvcore.ops.products import (
    FEW_ROWS,
    LONG,
    MANY_ROWS,
    Fp16Weights,
    Product,
    Sliced,
    has_fbgemm,
)
from tests.kvcore.tiny import NEEDS_FBGEMM, linears, tiny_config, tiny_model, tiny_weights

CONFIG = tiny_config()
UNIT, FP16_UNIT = 2.0**-24, 2.0**-11  # half of the distance from 1 to the next number
WAYS = [
    pytest.param(Sliced, UNIT, id="whole"),
    pytest.param(lambda weight: Sliced(weight, 8), UNIT, id="in slices"),
    pytest.param(lambda weight: Sliced(weight, 8, precise=True), UNIT, id="precise"),
]
if has_fbgemm():
    WAYS += [
        pytest.param(Fp16Weights, FP16_UNIT, id="fp16"),
        pytest.param(
            lambda weight: Fp16Weights(weight, precise=True), FP16_UNIT, id="fp16, precise"
        ),
    ]
SHAPES = {"tall": (96, 40), "wide": (40, 96), "odd": (101, 37), "tower": (16 * LONG, 3)}


def check_rounding(product: Product, weight: np.ndarray, x: np.ndarray, unit: float) -> None:
    """That `product` of `x`, both of fp64 numbers, is as near as fp32 comes in any order of adding.

    Higham 2002, section 3.1: n rounded products and their sum are off by at most n units of all
    terms taken as positive. Before it, x is rounded to fp32 and the weight to its own `unit`; a
    hundredth on top stands for what is rounded twice.
    """
    terms = np.abs(x) @ np.abs(weight).T
    most = 1.01 * ((x.shape[-1] + 1) * UNIT + unit) * terms
    fed = torch.tensor(x, dtype=torch.float32)
    for each in (fed, fed.t().contiguous().t()):  # in either order of memory
        assert (np.abs(product(each).numpy() - x @ weight.T) <= most).all()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(("way", "unit"), WAYS)
@pytest.mark.parametrize("rows", [0, 1, 2, FEW_ROWS - 1, FEW_ROWS, MANY_ROWS - 1, MANY_ROWS, 130])
def test_every_way_gives_x_times_w_transposed(
    way: Callable[[Tensor], Product], unit: float, rows: int, shape: tuple[int, int]
) -> None:
    rng = np.random.default_rng(rows)
    weight, x = rng.normal(size=shape), rng.normal(size=(rows, shape[1]))
    check_rounding(way(torch.tensor(weight, dtype=torch.float32)), weight, x, unit)


@pytest.mark.parametrize(("way", "unit"), WAYS)
@pytest.mark.parametrize("rows", [1, FEW_ROWS, MANY_ROWS])
def test_every_way_is_off_by_rounding_alone_beside_a_number_thousands_of_times_as_large(
    way: Callable[[Tensor], Product], unit: float, rows: int
) -> None:
    """As in the MLP of a first token."""
    rng = np.random.default_rng(0)
    weight, x = rng.normal(0, 1 / 39, (576, 1536)), rng.normal(0, 0.2, (rows, 1536))
    x[0, 3] = 2758
    check_rounding(way(torch.tensor(weight, dtype=torch.float32)), weight, x, unit)


@NEEDS_FBGEMM
@pytest.mark.parametrize("precise", [False, True], ids=["one sum", "two halves"])
@pytest.mark.parametrize("rows", [1, 7, 130])
def test_weights_that_are_fp16_numbers_lose_nothing_in_fp16(rows: int, precise: bool) -> None:
    rng = np.random.default_rng(rows)
    weight = torch.tensor(rng.normal(size=(101, 576))).half().float()
    product = Fp16Weights(weight, precise=precise)
    assert torch.equal(product.weight, weight)
    check_rounding(product, weight.double().numpy(), rng.normal(size=(rows, 576)), UNIT)


@NEEDS_FBGEMM
def test_sums_of_two_halves_keep_what_one_long_sum_beside_a_large_number_may_lose() -> None:
    """2 ** 24 is the first number to which fp32 cannot add 1."""
    x = torch.ones(3, 576)
    x[:, :288] = 0
    x[:, 5] = 2**24
    y = Fp16Weights(torch.ones(7, 576), precise=True)(x)
    assert torch.equal(y, torch.full((3, 7), 2**24 + 288.0))


def test_a_precise_product_never_goes_through_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    by_onednn: list[int] = []
    monkeypatch.setattr(products, "has_onednn", lambda: True)
    monkeypatch.setattr(products, "by_onednn", lambda x, weight: by_onednn.append(len(x)))
    weight = torch.ones(16, 4)
    for precise in (True, False):
        product = Sliced(weight, 8, precise=precise)
        for rows in (1, FEW_ROWS, MANY_ROWS):
            product(torch.ones(rows, 4))
    assert by_onednn == [MANY_ROWS], "of the one that is not precise, and no other"


@pytest.mark.parametrize(
    ("n_out", "slices"), [(64, 8), (65, 1), (8 * LONG, 8), (16 * LONG, 16), (24 * LONG, 32)]
)
def test_slices_are_halved_until_they_are_short_enough(n_out: int, slices: int) -> None:
    assert len(Sliced(torch.empty(n_out, 1), 8).cut) == slices


def test_a_matrix_stays_in_one_slice_when_one_was_asked_for() -> None:
    assert len(Sliced(torch.empty(8 * LONG, 1)).cut) == 1


def test_down_alone_is_multiplied_precisely() -> None:
    model = Transformer(CONFIG, tiny_weights(CONFIG))
    precise = {id(block.mlp.down.product) for block in model.blocks}
    assert {id(each.product) for each in linears(model) if each.product.precise} == precise


def test_a_model_lets_go_of_the_tensors_that_it_was_made_of() -> None:
    weights = tiny_weights(CONFIG)
    seen = [weakref.ref(tensor) for tensor in weights.values()]
    model = Transformer(CONFIG, weights)
    del weights
    assert model.head and not any(ref() is not None for ref in seen)


def test_a_small_model_is_not_timed_and_multiplies_in_one_piece() -> None:
    assert fastest_slices([torch.ones(3, 4)]) == 1


def test_a_tied_head_multiplies_by_the_embedding_itself() -> None:
    model = tiny_model(CONFIG)
    assert model.head.weight.data_ptr() == model.embed.table.data_ptr()


def test_placed_tensors_are_stacked_keep_their_numbers_and_begin_at_lines_of_the_cache() -> None:
    arena = Arena()
    taken = [torch.randn(n, 7) for n in range(1, 9)]
    pairs = list(itertools.pairwise(taken))
    placed = [arena.place(*pair) for pair in pairs]
    for pair, tensor in zip(pairs, placed, strict=True):
        assert torch.equal(tensor, torch.cat(pair))
        assert tensor.is_contiguous()
        assert tensor.data_ptr() % ALIGNED == 0
    half = arena.place(torch.ones(3).half())
    assert half.dtype == torch.float16
    assert torch.equal(half, torch.ones(3).half())


def test_a_tensor_larger_than_a_chunk_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CHUNK", 1024)
    arena = Arena()
    first, large, last = (arena.place(torch.full((n,), float(n))) for n in (10, 5000, 20))
    for n, tensor in ((10, first), (5000, large), (20, last)):
        assert torch.equal(tensor, torch.full((n,), float(n)))


@pytest.mark.skipif(not hasattr(mmap, "MADV_HUGEPAGE"), reason="Linux alone has huge pages")
def test_the_memory_is_marked_for_huge_pages() -> None:
    """The kernel says so of the mapping; whether it has any to give is its affair."""
    smaps = Path("/proc/self/smaps")
    if not smaps.exists():
        pytest.skip("this system has no /proc")
    placed = Arena().place(torch.ones(1000))
    address = placed.data_ptr()
    for line in smaps.read_text().splitlines():
        head = line.split(" ", 1)[0]
        if "-" in head and not head.endswith(":"):
            start, end = (int(each, 16) for each in head.split("-"))
        elif head == "VmFlags:" and start <= address < end:
            assert "hg" in line.split()
            return
    pytest.fail("no mapping holds the tensor")


def test_without_onednn_everything_is_there() -> None:
    """As on a Mac, whose build of torch has none."""
    script = """
import torch
torch.ops.__dict__["mkldnn"] = type(torch.ops.mkldnn)("nothing")
import kvcore
from kvcore.ops.products import MANY_ROWS, Sliced
weight, x = torch.randn(16, 4), torch.randn(MANY_ROWS, 4)
assert torch.allclose(Sliced(weight, 8)(x), x @ weight.T, atol=1e-5)
decoder = kvcore.load()
ids = decoder.tokenizer.encode("The whale rolled in the sea, and the sea was calm.")
run = kvcore.RunConfig(sampling=kvcore.SamplingParams(max_new_tokens=3))
trace = decoder.engine.generate(ids, run)
assert kvcore.verify(decoder.engine, trace.steps).equal
kvcore.count_last_step(decoder.engine, ids)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_what_a_forward_frees_is_not_asked_of_the_system_again() -> None:
    """Page faults, counted by the system: if freed memory went back to it, as many each time."""
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("this system allocates in its own way")
    script = """
import resource
from tests.kvcore.tiny import random_ids, tiny_engine
engine = tiny_engine(max_seq_len=900)
ids = random_ids(engine.model.config, 900)
for _ in range(5):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    engine.session(capture=False).update(ids)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    root = str(Path(kvcore.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": root},
        check=True,
        capture_output=True,
        text=True,
    )
    faults = [int(line) for line in ran.stdout.split()]
    assert faults[-1] < faults[0] / 2
