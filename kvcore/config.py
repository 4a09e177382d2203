"""What a model is and how a run is set up: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Shape of a Llama-family decoder.

    Raises ValueError when the numbers cannot make one.
    """

    vocab_size: int
    dim: int  # residual width, C
    n_layers: int
    n_heads: int  # query heads, H
    n_kv_heads: int  # key/value heads, Hkv: H is MHA, 1 is MQA, between is GQA
    head_dim: int  # D, even because RoPE turns pairs
    hidden_dim: int  # SwiGLU width
    max_seq_len: int
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    tied: bool = True  # the output matrix is the embedding

    def __post_init__(self) -> None:
        for name in (
            "vocab_size",
            "dim",
            "n_layers",
            "n_heads",
            "n_kv_heads",
            "head_dim",
            "hidden_dim",
            "max_seq_len",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if self.n_heads % self.n_kv_heads:
            raise ValueError(
                f"n_heads={self.n_heads} must be a multiple of n_kv_heads={self.n_kv_heads}"
            )
        if self.head_dim % 2:
            raise ValueError(f"head_dim={self.head_dim} must be even: RoPE turns pairs of numbers")

    @property
    def queries_per_kv_head(self) -> int:
        """How many query heads read each key/value head."""
        return self.n_heads // self.n_kv_heads


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """Which positions a query may attend to: a rule about positions, never about storage.

    `causal=False` lets every token see every other; it exists to show what the mask is for.
    """

    causal: bool = True


@dataclass(frozen=True)
class NoCache:
    """Keep nothing: every step runs the whole sequence again (recompute)."""


@dataclass(frozen=True)
class Contiguous:
    """Keep K and V of every past token in one buffer a layer, doubled when it is full."""


CacheSpec: TypeAlias = NoCache | Contiguous


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """How the next token is chosen and when to stop. `temperature=0` takes the likeliest."""

    max_new_tokens: int = 32
    temperature: float = 0.0
    seed: int = 0
    stop_ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1:
            raise ValueError(f"max_new_tokens={self.max_new_tokens} must be at least 1")
        if self.temperature < 0:
            raise ValueError(f"temperature={self.temperature} must be 0 or more")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One run: how K and V are stored, who may see whom, how tokens are chosen."""

    cache: CacheSpec = field(default_factory=Contiguous)
    visibility: Visibility = field(default_factory=Visibility)
    sampling: SamplingParams = field(default_factory=SamplingParams)
