"""The costs of a step, by formula: bytes of K and V, rows computed, FLOPs. Standard library only.

All formulas take a ModelConfig and count one sequence. A FLOP is a multiply or an add of a matrix
product; elementwise work (norms, RoPE, softmax) is left out, as `torch.utils.flop_counter` does.
Masked scores are counted, because the forward computes them before it hides them.

A step *reads* from the cache the rows of K and V that were stored before it and that attention is
given in it: none in a prefill, those of n tokens where the token at position n is fed. Rows that a
rule hides from the query are read as long as the cache hands them over; rows of the tokens fed in
the step itself, and slots that no token lies in yet, are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from kvcore.records.checks import check_kind, whole
from kvcore.records.config import (
    CacheSpec,
    Contiguous,
    ModelConfig,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
    Visibility,
)

FP32_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class StepCost:
    """One forward. A row is one token's vector in one layer; sums are over all layers."""

    q_rows: int
    k_rows: int
    v_rows: int
    attention_rows: int  # rows of weights, each over all keys seen
    mlp_rows: int
    logits_rows: int
    linear_flops: int
    attention_flops: int
    held_bytes: int  # K and V kept after the step
    read_bytes: int  # K and V stored before the step that attention is given in it

    @property
    def flops(self) -> int:
        return self.linear_flops + self.attention_flops


def kv_bytes_per_token(model: ModelConfig, itemsize: int = FP32_BYTES) -> int:
    """Bytes that one token adds to the cache: K and V, every layer, every kv head."""
    check_kind("model", model, ModelConfig)
    itemsize = whole("itemsize", itemsize)
    return 2 * model.n_layers * model.n_kv_heads * model.head_dim * itemsize


def linear_parameters_per_layer(model: ModelConfig) -> int:
    """Numbers in one layer's weight matrices."""
    attention = model.dim * model.head_dim * (2 * model.n_heads + 2 * model.n_kv_heads)
    return attention + 3 * model.dim * model.hidden_dim


def tokens_held(cache: CacheSpec, rule: Visibility, *, seen: int) -> int:
    """Tokens whose K and V a layer keeps once it has seen `seen` of them."""
    match cache:
        case NoCache():
            return 0
        case Contiguous() | Static() | Quantized() | Paged():
            return seen
        case Rolling():
            return min(seen, _slots(rule))


def quantized_bytes(model: ModelConfig, spec: Quantized, *, seen: int) -> int:
    """Bytes of a quantized cache that has seen `seen` tokens.

    Codes of `bits` bits; a scale and a zero point in fp32 for each row that shares them (a channel
    of a group of tokens, or one token's numbers in a head); fp32 for the tokens left as they are.
    """
    D, coded = model.head_dim, spec.n_coded(seen)
    code_bytes = 2 * coded * D * spec.bits // 8
    rows_of_k = coded // spec.group * D if spec.keys == "channel" else coded
    scale_bytes = 2 * FP32_BYTES * (rows_of_k + coded)
    plain_bytes = 2 * (seen - coded) * D * FP32_BYTES
    return model.n_layers * model.n_kv_heads * (code_bytes + scale_bytes + plain_bytes)


def paged_bytes(model: ModelConfig, spec: Paged, *, seen: int) -> int:
    """Bytes of the blocks that hold `seen` tokens, the unused slots of the last one included."""
    blocks = -(-seen // spec.block_size)
    return blocks * spec.block_size * kv_bytes_per_token(model)


def mla_bytes_per_token(
    *, n_layers: int, latent_dim: int, rope_dim: int, itemsize: int = FP32_BYTES
) -> int:
    """Bytes that one token adds to the cache of a model with multi-head latent attention.

    DeepSeek-V2 (2024, arXiv 2405.04434): K and V of all heads are made from one latent vector, so
    that vector is kept, and beside it one key that RoPE has turned, shared by the heads.
    """
    n_layers, latent_dim = whole("n_layers", n_layers), whole("latent_dim", latent_dim)
    rope_dim, itemsize = whole("rope_dim", rope_dim, 0), whole("itemsize", itemsize)
    return n_layers * (latent_dim + rope_dim) * itemsize


def held_bytes(model: ModelConfig, cache: CacheSpec, rule: Visibility, *, seen: int) -> int:
    """Bytes of K and V that a cache of this kind holds once it has seen `seen` tokens."""
    if isinstance(cache, Quantized):
        return quantized_bytes(model, cache, seen=seen)
    return tokens_held(cache, rule, seen=seen) * kv_bytes_per_token(model)


def tokens_read(cache: CacheSpec, rule: Visibility, *, fed: int, seen: int) -> int:
    """Tokens stored before a step whose K and V a layer's attention is given in it."""
    before = seen - fed
    match cache:
        case NoCache():
            return 0
        case Contiguous() | Static() | Quantized() | Paged():
            return before
        case Rolling():  # the first token fed sees one less of the old than a ring holds
            return min(before, _slots(rule) - 1)


def read_bytes(
    model: ModelConfig, cache: CacheSpec, rule: Visibility, *, fed: int, seen: int
) -> int:
    """Bytes that a step reads from the cache, in the form in which they were stored before it."""
    if isinstance(cache, Quantized):
        return quantized_bytes(model, cache, seen=seen - fed)
    return tokens_read(cache, rule, fed=fed, seen=seen) * kv_bytes_per_token(model)


def keys_seen(cache: CacheSpec, rule: Visibility, *, fed: int, seen: int) -> int:
    """Keys that a layer's attention is given in a step: S. The mask may hide some of them."""
    if isinstance(cache, Static):
        return cache.capacity
    return tokens_read(cache, rule, fed=fed, seen=seen) + fed


def _slots(rule: Visibility) -> int:
    """Positions that a token sees at most."""
    if rule.window is None:
        raise ValueError("Rolling() with window=None: give a Visibility(window=...)")
    return rule.n_sink + rule.window


def step_cost(
    model: ModelConfig,
    *,
    fed: int,
    seen: int,
    cache: CacheSpec | None = None,
    visibility: Visibility | None = None,
) -> StepCost:
    """Cost of feeding `fed` tokens to a run that has then seen `seen`, those included.

    `cache` is `Contiguous()` by default, `visibility` all of the past. Raises ValueError unless
    `fed` is from 1 to `seen`.
    """
    check_kind("model", model, ModelConfig)
    seen = whole("seen", seen)
    fed = whole("fed", fed, 1, seen, f", for seen={seen}")
    kept = Contiguous() if cache is None else cache
    rule = Visibility() if visibility is None else visibility
    check_kind("cache", kept, *get_args(CacheSpec))
    check_kind("visibility", rule, Visibility)
    rule = rule.within(model.reach)
    keys = keys_seen(kept, rule, fed=fed, seen=seen)
    rows = fed * model.n_layers
    products = 2 * model.n_heads * model.head_dim * keys  # q·kᵀ, then weights·v
    logits = 2 * model.dim * model.vocab_size
    return StepCost(
        q_rows=rows,
        k_rows=rows,
        v_rows=rows,
        attention_rows=rows,
        mlp_rows=rows,
        logits_rows=1,
        linear_flops=2 * rows * linear_parameters_per_layer(model) + logits,
        attention_flops=2 * rows * products,
        held_bytes=held_bytes(model, kept, rule, seen=seen),
        read_bytes=read_bytes(model, kept, rule, fed=fed, seen=seen),
    )


def run_costs(
    model: ModelConfig,
    *,
    prompt: int,
    steps: int,
    cache: CacheSpec | None = None,
    visibility: Visibility | None = None,
) -> tuple[StepCost, ...]:
    """Cost of each of `steps` forwards after a prompt of `prompt` tokens, the prefill first."""
    prompt, steps = whole("prompt", prompt), whole("steps", steps)
    kept = Contiguous() if cache is None else cache
    check_kind("cache", kept, *get_args(CacheSpec))
    return tuple(
        step_cost(
            model,
            fed=prompt + index if kept == NoCache() or not index else 1,
            seen=prompt + index,
            cache=kept,
            visibility=visibility,
        )
        for index in range(steps)
    )
