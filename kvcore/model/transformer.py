"""A Llama-family decoder: RMSNorm, RoPE, grouped-query attention, SwiGLU.

One forward serves prefill, decode and recompute: they differ in what is fed, never in how it is
computed. Its parts are called like torch's modules, but are none: what a module looks up and checks
at each call took 5 % of a decode step. Letters: B batch, T tokens fed, S keys seen, C dim, H query
heads, Hkv key/value heads, D head_dim, V vocabulary.

Llama: Touvron et al. 2023 (arXiv 2302.13971); RMSNorm: Zhang and Sennrich 2019 (1910.07467); GQA:
Ainslie et al. 2023 (2305.13245). RoPE is in rope.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from kvcore.cache.base import KVCache
from kvcore.model.segments import Group, Segment, pack_rows
from kvcore.model.weight_reader import WeightReader
from kvcore.ops.attention import AttnState, attend
from kvcore.ops.linear import SMALL_MODEL
from kvcore.ops.resumable import Resumable, finish
from kvcore.ops.rope import Rotation, apply_rope, frequencies, rotation
from kvcore.records.accounting import linear_parameters_per_layer
from kvcore.records.config import ModelConfig, Visibility

ZERO = torch.zeros(())  # without dimensions: of no weight in the type of a result


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Each vector of (..., C) divided by its root mean square, times `weight` (C,)."""
    C = x.shape[-1]
    if x.numel() == C:  # a decode step: half the time with the one scalar in Python
        scale: float = (torch.linalg.vector_norm(x).item() ** 2 / C + eps) ** -0.5
        return torch.addcmul(ZERO, x, weight, value=scale)  # one operation for both products
    return F.rms_norm(x, (C,), None, eps).mul_(weight)


class Attention:
    def __init__(self, config: ModelConfig, reader: WeightReader, prefix: str) -> None:
        self.config = config
        self.wqkv = reader.linear(*(f"{prefix}{x}_proj" for x in "qkv"), bias=config.qkv_bias)
        self.wo = reader.linear(f"{prefix}o_proj", bias=config.out_bias)
        self.qk_norm: Tensor | None = None  # (H + Hkv, D)
        if config.qk_norm:
            q, k = (reader.tensor(f"{prefix}{x}_norm.weight") for x in "qk")
            self.qk_norm = torch.stack([q] * config.n_heads + [k] * config.n_kv_heads)

    def forward(
        self, x: Tensor, turn: Rotation | None, groups: Sequence[Group], layer: int
    ) -> Tensor:
        B, N, _ = x.shape
        H, Hkv, D = self.config.n_heads, self.config.n_kv_heads, self.config.head_dim
        qkv = self.wqkv(x).view(B, N, H + 2 * Hkv, D)
        qk, v = qkv.split_with_sizes((H + Hkv, Hkv), 2)
        if self.qk_norm is not None:
            qk.copy_(rms_norm(qk, self.qk_norm, self.config.norm_eps))  # in qkv, made just now
        turned = apply_rope(qk, turn).transpose(1, 2)  # (B, H + Hkv, N, D)
        q, k = turned.split_with_sizes((H, Hkv), 1)
        v = v.transpose(1, 2)  # (B, Hkv, N, D)
        mixed: list[Tensor] = []
        for group in groups:  # each reads its own caches alone
            seen, mask, hidden = group.update(layer, group.of(k), group.of(v))  # t in, S out
            scores, weights, z = attend(group.of(q), seen.k, seen.v, hidden)  # q is never stored
            mixed.append(group.back(z))  # (B, rows, H, D)
            if group.recorded:
                own = group.of(qkv.transpose(1, 2)).transpose(1, 2)  # (b, t, H + 2 Hkv, D)
                group.record(AttnState(own, scores, mask, weights, z))
        z = mixed[0] if len(mixed) == 1 else torch.cat(mixed, 1)  # (B, N, H, D)
        return self.wo(z.reshape(B, N, H * D))

    __call__ = forward


class MLP:
    """SwiGLU: down(silu(gate x) * up x). Shazeer 2020 (arXiv 2002.05202)."""

    def __init__(self, config: ModelConfig, reader: WeightReader, prefix: str) -> None:
        self.gate_up = reader.linear(f"{prefix}gate_proj", f"{prefix}up_proj", bias=config.mlp_bias)
        # Of a first token one of the products of gate and up is thousands of times the others
        # (Sun et al. 2024, arXiv 2402.17762): what their sum rounds away reaches the logits.
        self.down = reader.linear(f"{prefix}down_proj", bias=config.mlp_bias, precise=True)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate).mul_(up))

    __call__ = forward


class Block:
    def __init__(self, config: ModelConfig, reader: WeightReader, prefix: str) -> None:
        self.attn = Attention(config, reader, f"{prefix}self_attn.")
        self.mlp = MLP(config, reader, f"{prefix}mlp.")
        self.attn_norm = reader.tensor(f"{prefix}input_layernorm.weight")
        self.mlp_norm = reader.tensor(f"{prefix}post_attention_layernorm.weight")
        self.eps = config.norm_eps

    def forward(
        self, x: Tensor, turn: Rotation | None, groups: Sequence[Group], layer: int
    ) -> Tensor:
        x = x + self.attn(rms_norm(x, self.attn_norm, self.eps), turn, groups, layer)
        return x + self.mlp(rms_norm(x, self.mlp_norm, self.eps))

    __call__ = forward


class Transformer:
    """A decoder over `weights` under Hugging Face's names; never written after.

    It computes in the type of the weights, fp32 unless someone asked for another. With `fast` its
    fp32 matrices are rounded to fp16.
    """

    def __init__(
        self,
        config: ModelConfig,
        weights: Mapping[str, Tensor],
        *,
        fast: bool = False,
    ) -> None:
        small = config.n_layers * linear_parameters_per_layer(config) < SMALL_MODEL
        reader = WeightReader(weights, small=small, fast=fast)
        self.config = config
        self.embed = reader.embedding("model.embed_tokens")
        self.blocks = [Block(config, reader, f"model.layers.{i}.") for i in range(config.n_layers)]
        self.norm = reader.tensor("model.norm.weight")
        self.frequencies = frequencies(config)
        self.head = reader.tied(self.embed) if config.tied else reader.linear("lm_head")
        self.weights = reader.taken  # a function: they are many, and only fingerprints want them
        reader.choose()

    def forward(
        self,
        ids: Tensor,
        cache: KVCache,
        rule: Visibility,
        *,
        every_position: bool = False,
        record: list[AttnState] | None = None,
    ) -> Tensor:
        """Feed `ids` (B, T) after what `cache` holds; returns logits (B, 1 or T, V).

        Logits are for the last token fed, or for every one with `every_position`. A `record` list
        receives one AttnState a layer. Nothing sees further back than its layer's own window.
        """
        [logits] = self.feed([Segment(ids, cache, rule, record)], every_position=every_position)
        return logits

    __call__ = forward

    def feed(self, segments: Sequence[Segment], *, every_position: bool = False) -> list[Tensor]:
        """One forward for any number of sequences of any length; logits of each, as `forward`.

        All rows go through each matrix together, which is read from memory only once; attention is
        computed sequence by sequence, or at once for those whose caches are one batch. All have
        the same B.
        """
        return finish(self.in_layers(segments, every_position=every_position))

    def in_layers(
        self, segments: Sequence[Segment], *, every_position: bool = False
    ) -> Resumable[list[Tensor]]:
        """`feed`, with a pause after each layer."""
        ids, pos, groups, rows = pack_rows(segments, self.config.windows)
        turn = rotation(pos, self.frequencies, self.embed.dtype)
        x = self.embed(ids)  # (B, N, C)
        for i, block in enumerate(self.blocks):
            x = block(x, None if i in self.config.nope_layers else turn, groups, i)
            yield
        if not every_position:
            x = x[:, [own.stop - 1 for own in rows]]  # (B, segments, C)
        logits = self.head(rms_norm(x, self.norm, self.config.norm_eps))
        if every_position:
            return [logits[:, own] for own in rows]
        return [logits[:, i : i + 1] for i in range(len(rows))]
