"""Seeded random decoders small enough to check with loops. They mean nothing; they only compute."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from kvcore.engine.engine import Engine
from kvcore.model.segments import Segment
from kvcore.model.transformer import Transformer
from kvcore.ops.attention import AttnState
from kvcore.ops.linear import Linear
from kvcore.ops.products import Sliced, has_fbgemm
from kvcore.ops.resumable import Resumable
from kvcore.records.config import ModelConfig, Visibility
from tests.kvcore import oracle

HEADS = {"MHA": (4, 4), "GQA": (4, 2), "MQA": (4, 1)}  # n_heads, n_kv_heads
RULES = {
    "causal": Visibility(),
    "unmasked": Visibility(causal=False),
    "window": Visibility(window=4),
    "window and sinks": Visibility(window=4, n_sink=2),
}
NEEDS_FBGEMM = pytest.mark.skipif(not has_fbgemm(), reason="torch comes without FBGEMM here")
TOLERANCE = 2e-4  # fp32 logits of texts that do not amplify rounding


def tiny_config(heads: str = "GQA", tied: bool = True, **changes: object) -> ModelConfig:
    """No two widths are equal, so that no mix-up of them can go unseen."""
    n_heads, n_kv_heads = HEADS[heads]
    sizes = {
        "vocab_size": 104,
        "dim": 40,
        "n_layers": 3,
        "n_heads": n_heads,
        "n_kv_heads": n_kv_heads,
        "head_dim": 12,
        "hidden_dim": 72,
        "max_seq_len": 256,
        "tied": tied,
    }
    return ModelConfig(**(sizes | changes))


def tiny_weights(config: ModelConfig, seed: int = 0) -> dict[str, Tensor]:
    """Weights under Hugging Face's Llama names, large enough that attention is far from even."""
    rng = torch.Generator().manual_seed(seed)

    def matrix(n_out: int, n_in: int, gain: float = 1.5) -> Tensor:
        return torch.randn(n_out, n_in, generator=rng) * gain / n_in**0.5

    def norm() -> Tensor:
        return 1 + 0.2 * torch.randn(config.dim, generator=rng)

    C, D, hidden = config.dim, config.head_dim, config.hidden_dim
    weights = {
        "model.embed_tokens.weight": matrix(config.vocab_size, C, gain=3.0),
        "model.norm.weight": norm(),
    }
    for i in range(config.n_layers):
        weights |= {
            f"model.layers.{i}.input_layernorm.weight": norm(),
            f"model.layers.{i}.self_attn.q_proj.weight": matrix(config.n_heads * D, C),
            f"model.layers.{i}.self_attn.k_proj.weight": matrix(config.n_kv_heads * D, C),
            f"model.layers.{i}.self_attn.v_proj.weight": matrix(config.n_kv_heads * D, C),
            f"model.layers.{i}.self_attn.o_proj.weight": matrix(C, config.n_heads * D),
            f"model.layers.{i}.post_attention_layernorm.weight": norm(),
            f"model.layers.{i}.mlp.gate_proj.weight": matrix(hidden, C),
            f"model.layers.{i}.mlp.up_proj.weight": matrix(hidden, C),
            f"model.layers.{i}.mlp.down_proj.weight": matrix(C, hidden),
        }
    if not config.tied:
        weights["lm_head.weight"] = matrix(config.vocab_size, C, gain=3.0)
    return weights


def run_oracle(
    config: ModelConfig, ids: Sequence[int], rule: Visibility | None = None, **changes: object
) -> tuple[np.ndarray, list[oracle.OracleLayer]]:
    """The result of the oracle for `ids` with the tiny weights of this config."""
    return oracle.run(
        {name: tensor.numpy() for name, tensor in tiny_weights(config).items()},
        list(ids),
        n_layers=config.n_layers,
        n_heads=config.n_heads,
        n_kv_heads=config.n_kv_heads,
        head_dim=config.head_dim,
        theta=config.rope_theta,
        eps=config.norm_eps,
        **dataclasses.asdict(rule or Visibility()),
        **changes,
    )


def tiny_model(config: ModelConfig, seed: int = 0, slices: int = 8) -> Transformer:
    """A model that cuts its matrices in `slices` where it can, instead of what is fastest here."""
    model = Transformer(config, tiny_weights(config, seed))
    for linear in linears(model):
        linear.product = Sliced(linear.weight, slices)
    return model


def linears(model: Transformer) -> list[Linear]:
    """All its matrices."""
    parts = [(b.attn.wqkv, b.attn.wo, b.mlp.gate_up, b.mlp.down) for b in model.blocks]
    return [*itertools.chain.from_iterable(parts), model.head]


def tiny_engine(heads: str = "GQA", seed: int = 0, **changes: object) -> Engine:
    return Engine(tiny_model(tiny_config(heads, **changes), seed))


def random_ids(config: ModelConfig, n: int, seed: int = 0) -> list[int]:
    return [int(x) for x in np.random.default_rng(seed).integers(0, config.vocab_size, n)]


def spy(engine: Engine) -> list[list[AttnState]]:
    """Keep what each later forward of the engine's model computes: a list of layers a sequence."""
    seen: list[list[AttnState]] = []
    plain = engine.model.in_layers

    def in_layers(segments: Sequence[Segment], **kwargs: bool) -> Resumable[list[Tensor]]:
        records = [segment.record if segment.record is not None else [] for segment in segments]
        recorded = [part._replace(record=r) for part, r in zip(segments, records, strict=True)]
        logits = yield from plain(recorded, **kwargs)
        for states in records:
            # Copies: a cache or a caller may write on in the tensors.
            seen.append([AttnState(*(tensor.clone() for tensor in state)) for state in states])
        return logits

    engine.model.in_layers = in_layers
    return seen
