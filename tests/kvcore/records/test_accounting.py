"""The formulas equal what the tensors measure and what the forward counts."""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from torch import Tensor

from kvcore.cache import make_cache
from kvcore.cache.contiguous import FIRST_CAPACITY, ContiguousLayer
from kvcore.engine.engine import Engine
from kvcore.model.transformer import MLP, Transformer
from kvcore.ops.linear import Linear
from kvcore.ops.products import FEW_ROWS, MANY_ROWS
from kvcore.records.accounting import (
    StepCost,
    kv_bytes_per_token,
    mla_bytes_per_token,
    paged_bytes,
    run_costs,
    step_cost,
)
from kvcore.records.cache_specs import (
    CacheSpec,
    Contiguous,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
)
from kvcore.records.config import ModelConfig, RunConfig, SamplingParams, Visibility
from kvcore.study.counting import Counts, count_last_step, counting
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import HEADS, linears, random_ids, tiny_config, tiny_model, tiny_weights

CONFIGS = {
    **{heads: tiny_config(heads) for heads in HEADS},
    "untied": tiny_config(tied=False),
    "one layer": tiny_config(n_layers=1),
    "wide": tiny_config("GQA", n_layers=2, dim=96, head_dim=24, hidden_dim=256, vocab_size=200),
}
WINDOW = Visibility(window=3, n_sink=1)
KINDS: dict[str, tuple[CacheSpec, Visibility]] = {
    "cached": (Contiguous(), Visibility()),
    "recomputed": (NoCache(), Visibility()),
    "cached under a window": (Contiguous(), WINDOW),
    "recomputed under a window": (NoCache(), WINDOW),
    "rolling": (Rolling(), WINDOW),
    "rolling, window of all": (Rolling(), Visibility(window=50)),
    "paged": (Paged(block_size=4), Visibility()),
    "static": (Static(capacity=40), Visibility()),
}
BY_KIND = pytest.mark.parametrize(("cache", "rule"), KINDS.values(), ids=KINDS)
BY_NAME = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


def counts_of(cost: StepCost) -> Counts:
    return Counts(
        q_rows=cost.q_rows,
        k_rows=cost.k_rows,
        v_rows=cost.v_rows,
        attention_rows=cost.attention_rows,
        mlp_rows=cost.mlp_rows,
        logits_rows=cost.logits_rows,
        flops=cost.flops,
    )


@BY_KIND
@BY_NAME
def test_rows_and_flops_of_each_step_are_what_the_forward_counts(
    config: ModelConfig, cache: CacheSpec, rule: Visibility
) -> None:
    prompt, n_steps = 7, 4
    model = tiny_model(config)
    steps = Engine(model).stream(
        random_ids(config, prompt),
        RunConfig(cache=cache, visibility=rule, sampling=SamplingParams(max_new_tokens=n_steps)),
    )
    costs = run_costs(config, prompt=prompt, steps=n_steps, cache=cache, visibility=rule)
    for cost in costs:
        with counting(model) as counts:
            step = next(steps)
        assert counts == counts_of(cost)
        assert cost == step_cost(
            config, fed=step.fed, seen=len(step.ids), cache=cache, visibility=rule
        )


@pytest.mark.parametrize("way", ["whole", "in slices", "fp16"])
@pytest.mark.parametrize("fed", [1, FEW_ROWS - 1, FEW_ROWS, MANY_ROWS - 1, MANY_ROWS])
def test_the_count_does_not_depend_on_how_matrices_are_multiplied(fed: int, way: str) -> None:
    config = tiny_config()
    model = tiny_model(config, slices=1 if way == "whole" else 8)
    if way == "fp16":
        model = Transformer(config, tiny_weights(config), fast=True)
    with counting(model) as counts:
        Engine(model).session().update(random_ids(config, fed))
    assert counts == counts_of(step_cost(config, fed=fed, seen=fed))


def test_counting_adds_up_over_forwards_and_ends_with_its_block() -> None:
    config = tiny_config()
    model = tiny_model(config)
    session = Engine(model).session()
    with counting(model) as counts:
        session.update(random_ids(config, 5))
        session.step()
    both = [step_cost(config, fed=5, seen=5), step_cost(config, fed=1, seen=6)]
    assert counts.flops == sum(cost.flops for cost in both)
    assert counts.k_rows == sum(cost.k_rows for cost in both)
    flops = counts.flops
    session.step()
    assert counts.flops == flops
    assert counts.k_rows == sum(cost.k_rows for cost in both)


def test_threads_that_count_leave_the_model_as_it_was() -> None:
    engine = Engine(tiny_model(tiny_config()))
    ids = random_ids(engine.model.config, 6)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: count_last_step(engine, ids), range(40)))
    assert all(pair == counts[0] for pair in counts)
    assert all(isinstance(linear, Linear) for linear in linears(engine.model))
    assert isinstance(engine.model.blocks[0].mlp, MLP)


@BY_NAME
def test_the_last_step_is_counted_both_ways(config: ModelConfig) -> None:
    cached, recomputed = count_last_step(Engine(tiny_model(config)), random_ids(config, 6))
    assert cached == counts_of(step_cost(config, fed=1, seen=6))
    assert recomputed == counts_of(step_cost(config, fed=6, seen=6, cache=NoCache()))
    with pytest.raises(ValueError, match="1 token is a prefill"):
        count_last_step(Engine(tiny_model(config)), [3])


@BY_NAME
def test_held_bytes_are_the_bytes_of_the_rows_in_use(config: ModelConfig) -> None:
    session = Engine(tiny_model(config)).session()
    ids = random_ids(config, FIRST_CAPACITY + 1)
    for n in (1, 5, FIRST_CAPACITY, FIRST_CAPACITY + 1, 3):
        snapshot = session.update(ids[:n]).cache
        held = allocated = 0
        for layer in session.cache.layers:
            assert isinstance(layer, ContiguousLayer)
            for buffer in (layer.k, layer.v):
                held += buffer[:, :, :n].clone().nbytes
                allocated += buffer.untyped_storage().nbytes()
        assert snapshot.held_bytes == held == n * kv_bytes_per_token(config)
        assert snapshot.held_bytes == step_cost(config, fed=1, seen=n).held_bytes
        assert snapshot.allocated_bytes == allocated


@BY_KIND
@BY_NAME
def test_read_bytes_are_the_rows_stored_before_the_step_that_attention_is_given(
    config: ModelConfig, cache: CacheSpec, rule: Visibility, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, ids = tiny_model(config), random_ids(config, 12)
    kept = make_cache(cache, config, rule)
    given: list[int] = []
    for layer in kept.layers:

        def measured(k: Tensor, v: Tensor, pos: Tensor, update=layer.update):
            view = update(k, v, pos)
            old = view.pos < pos[0]
            given.append(view.k[:, :, old].nbytes + view.v[:, :, old].nbytes)
            return view

        monkeypatch.setattr(layer, "update", measured)
    for seen in (2, 5, 6, 11, 12):  # chunks that are shorter and longer than the window
        given.clear()
        fed = ids[kept.seq_len : seen]
        feed(model, kept, fed, rule=rule)
        cost = step_cost(config, fed=len(fed), seen=seen, cache=cache, visibility=rule)
        assert sum(given) == cost.read_bytes
        assert kept.snapshot().held_bytes == cost.held_bytes


@pytest.mark.parametrize("bits", [4, 8])
@BY_NAME
def test_a_step_reads_codes_in_the_bytes_in_which_they_were_kept(
    config: ModelConfig, bits: Literal[4, 8]
) -> None:
    cache = Quantized(bits=bits, group=4, residual=4)
    run = RunConfig(cache=cache, sampling=SamplingParams(max_new_tokens=9))
    held = 0
    for step in Engine(tiny_model(config)).stream(random_ids(config, 7), run):
        cost = step_cost(config, fed=step.fed, seen=len(step.ids), cache=cache)
        assert cost.read_bytes == held
        held = step.cache.held_bytes
        assert cost.held_bytes == held


@BY_KIND
def test_a_prefill_reads_nothing_from_the_cache(cache: CacheSpec, rule: Visibility) -> None:
    costs = [
        step_cost(tiny_config(), fed=n, seen=n, cache=cache, visibility=rule) for n in (1, 4, 40)
    ]
    assert [cost.read_bytes for cost in costs] == [0, 0, 0]


@pytest.mark.parametrize("cache", [Contiguous(), Paged(block_size=4), Static(capacity=40)])
def test_the_token_at_position_n_reads_the_rows_of_n_tokens(cache: CacheSpec) -> None:
    config = tiny_config()
    for n in (1, 7, 30):
        cost = step_cost(config, fed=1, seen=n + 1, cache=cache)
        assert cost.read_bytes == n * kv_bytes_per_token(config)


def test_a_window_bounds_what_a_rolling_cache_holds_and_reads() -> None:
    config, rule = tiny_config(), Visibility(window=30, n_sink=2)
    last = run_costs(config, prompt=10, steps=100, cache=Rolling(), visibility=rule)[-1]
    assert last.held_bytes == 32 * kv_bytes_per_token(config)
    assert last.read_bytes == 31 * kv_bytes_per_token(config), "the oldest one made room"
    assert run_costs(config, prompt=10, steps=100)[-1].held_bytes == 109 * kv_bytes_per_token(
        config
    )
    with pytest.raises(ValueError, match="window=None"):
        step_cost(config, fed=1, seen=5, cache=Rolling())


def test_the_formulas_by_hand_for_one_small_model() -> None:
    """Numbers worked out on paper, so that formula and counter cannot share a mistake."""
    config = ModelConfig(
        vocab_size=10,
        dim=4,
        n_layers=2,
        n_heads=2,
        n_kv_heads=1,
        head_dim=2,
        hidden_dim=6,
        max_seq_len=8,
    )
    cost = step_cost(config, fed=3, seen=5)
    # A layer: q 4x4, k 2x4, v 2x4, o 4x4 is 48; gate, up, down 6x4 each is 72. Head 10x4.
    assert cost.linear_flops == 2 * (3 * 2 * (48 + 72) + 40)
    # A layer: 2 heads, 3 queries, 5 keys, 2 wide, for q·k and for weights·v.
    assert cost.attention_flops == 2 * (2 * 2 * 3 * 5 * 2 * 2)
    assert cost.held_bytes == 5 * (2 * 2 * 1 * 2 * 4)
    assert (cost.q_rows, cost.mlp_rows, cost.logits_rows) == (6, 6, 1)


@pytest.mark.parametrize(("fed", "seen"), [(0, 3), (4, 3)])
def test_a_step_that_cannot_be_is_an_error_with_both_numbers(fed: int, seen: int) -> None:
    with pytest.raises(ValueError, match=f"fed={fed} .*seen={seen}"):
        step_cost(tiny_config(), fed=fed, seen=seen)


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17])
def test_paged_bytes_are_those_of_the_blocks_taken(n: int) -> None:
    config, spec = tiny_config(), Paged()
    cache = make_cache(spec, config)
    feed(tiny_model(config), cache, random_ids(config, 20))
    cache.crop(n)
    assert cache.snapshot().allocated_bytes == paged_bytes(config, spec, seen=n)
    assert paged_bytes(config, spec, seen=n) == (0, 16, 32)[-(-n // 16)] * 2 * 3 * 2 * 12 * 4


def test_latent_attention_keeps_what_deepseek_v2_says_it_keeps() -> None:
    """Table 1 of arXiv 2405.04434: (d_c + d_R) l numbers, with d_c = 4 and d_R = 1/2 of a head's
    width, which is as many as a GQA with 2.25 kv heads keeps."""
    n_layers, head_dim = 60, 128
    bytes_fp16 = mla_bytes_per_token(n_layers=n_layers, latent_dim=512, rope_dim=64, itemsize=2)
    assert bytes_fp16 == 69_120
    assert bytes_fp16 / 2 / n_layers == 4 * head_dim + head_dim / 2
    one_group = tiny_config("MQA", n_layers=n_layers, head_dim=head_dim)
    assert bytes_fp16 == 2.25 * kv_bytes_per_token(one_group, itemsize=2)


def test_fewer_kv_heads_are_as_many_times_fewer_bytes() -> None:
    mha, gqa, mqa = (kv_bytes_per_token(tiny_config(heads)) for heads in ("MHA", "GQA", "MQA"))
    assert mha == 2 * gqa == 4 * mqa
