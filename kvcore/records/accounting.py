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

from kvcore.records.cache_specs import FP32_BYTES, CacheSpec, Contiguous, NoCache, Paged
from kvcore.records.checks import check_kind, whole
from kvcore.records.config import ModelConfig, Visibility


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
    return model.kv_numbers_per_token * itemsize


def linear_parameters_per_layer(model: ModelConfig) -> int:
    """Numbers in one layer's weight matrices."""
    attention = model.dim * model.head_dim * (2 * model.n_heads + 2 * model.n_kv_heads)
    return attention + 3 * model.dim * model.hidden_dim


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
    check_kind("cache", kept, *CacheSpec.kinds)
    check_kind("visibility", rule, Visibility)
    rule = rule.within(model.reach)
    keys = kept.keys_given(rule, fed=fed, seen=seen)
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
        held_bytes=kept.stored_bytes(model, kept.tokens_held(rule, seen=seen)),
        read_bytes=kept.stored_bytes(model, kept.tokens_read(rule, fed=fed, seen=seen)),
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
    check_kind("cache", kept, *CacheSpec.kinds)
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
