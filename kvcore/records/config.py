"""The configs of a model and of a run: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias, get_args

from kvcore.records.cache_specs import CacheSpec, Contiguous
from kvcore.records.checks import (
    check_flag,
    check_kind,
    check_number,
    check_whole,
    check_whole_numbers,
    whole,
)


@dataclass(frozen=True, kw_only=True)
class LinearScaling:
    """Every RoPE frequency divided by `factor` (kaiokendev 2023: positions drawn together)."""

    factor: float

    def __post_init__(self) -> None:
        check_number(self, "factor", positive=True)


@dataclass(frozen=True, kw_only=True)
class Llama3Scaling:
    """Slow RoPE frequencies divided by `factor`, fast ones kept (Llama 3.1).

    A pair is fast when it turns at least `high_freq_factor` times within the length that the model
    was first trained on, slow when at most `low_freq_factor` times; in between the two are mixed.
    """

    factor: float
    low_freq_factor: float
    high_freq_factor: float
    original_max_seq_len: int

    def __post_init__(self) -> None:
        check_number(self, "factor", "low_freq_factor", "high_freq_factor", positive=True)
        check_whole(self, "original_max_seq_len")
        if self.low_freq_factor >= self.high_freq_factor:
            raise ValueError(
                f"low_freq_factor={self.low_freq_factor} must be below "
                f"high_freq_factor={self.high_freq_factor}"
            )


RopeScaling: TypeAlias = LinearScaling | Llama3Scaling


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
    rope_scaling: RopeScaling | None = None
    nope_layers: tuple[int, ...] = ()  # layers that turn nothing by position (SmolLM3)
    # Positions that any token sees at most, itself included; or for each layer its own (Mistral)
    window: int | tuple[int | None, ...] | None = None
    qkv_bias: bool = False  # a bias is added to q, k and v (Qwen2)
    out_bias: bool = False  # and to what attention gives back
    mlp_bias: bool = False
    qk_norm: bool = False  # each head's q and k are normalised before RoPE (Qwen3)

    def __post_init__(self) -> None:
        check_whole(
            self,
            "vocab_size",
            "dim",
            "n_layers",
            "n_heads",
            "n_kv_heads",
            "head_dim",
            "hidden_dim",
            "max_seq_len",
        )
        if self.n_heads % self.n_kv_heads:
            raise ValueError(
                f"n_heads={self.n_heads} must be a multiple of n_kv_heads={self.n_kv_heads}"
            )
        if self.head_dim % 2:
            raise ValueError(f"head_dim={self.head_dim} must be even: RoPE turns pairs of numbers")
        check_number(self, "rope_theta", "norm_eps", positive=True)
        if self.rope_scaling is not None:
            check_kind("rope_scaling", self.rope_scaling, *get_args(RopeScaling))
        check_flag(self, "tied", "qkv_bias", "out_bias", "mlp_bias", "qk_norm")
        check_whole_numbers(self, "nope_layers", most=self.n_layers - 1)
        if isinstance(self.window, tuple) and len(self.window) != self.n_layers:
            raise ValueError(f"window={self.window} must give each of n_layers={self.n_layers} one")
        by_layer = self.window if isinstance(self.window, tuple) else (self.window,)
        windows = tuple(map(_checked_window, by_layer))
        object.__setattr__(
            self, "window", windows if isinstance(self.window, tuple) else windows[0]
        )

    @property
    def kv_numbers_per_token(self) -> int:
        """Numbers of K and V that one token leaves, over all layers and kv heads."""
        return 2 * self.n_layers * self.n_kv_heads * self.head_dim

    @property
    def queries_per_kv_head(self) -> int:
        """How many query heads read each key/value head."""
        return self.n_heads // self.n_kv_heads

    @property
    def windows(self) -> tuple[int | None, ...]:
        """The window of each layer."""
        return self.window if isinstance(self.window, tuple) else (self.window,) * self.n_layers

    @property
    def reach(self) -> int | None:
        """The window of the layer that sees furthest; None if one sees all of the past."""
        known = [window for window in self.windows if window is not None]
        return max(known) if len(known) == self.n_layers else None


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """Which positions a query may attend to: a rule about positions, never about storage.

    `window` and `n_sink` are the sliding window with attention sinks of StreamingLLM (Xiao et al.
    2023, arXiv 2309.17453). `causal=False` lets every token see every other; it exists to show what
    the mask is for. Raises ValueError for numbers that make no rule.
    """

    causal: bool = True
    window: int | None = None  # how many latest positions, the token itself included; None is all
    n_sink: int = 0  # and the first `n_sink` positions, however far back

    def __post_init__(self) -> None:
        check_flag(self, "causal")
        object.__setattr__(self, "window", _checked_window(self.window))
        check_whole(self, "n_sink", least=0)
        if self.n_sink and self.window is None:
            raise ValueError(f"n_sink={self.n_sink} without a window: everything is seen, set one")
        if self.window is not None and not self.causal:
            raise ValueError(f"window={self.window} looks back, causal=False both ways: leave one")

    def within(self, window: int | None) -> Visibility:
        """This rule, and no further back than a model's own `window` lets it see.

        Sinks stay, because a run has them only when it asks; `causal=False` stays without a window.
        """
        mine = self.window
        if window is None or not self.causal or (mine is not None and mine <= window):
            return self
        return replace(self, window=window)


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """How the next token is chosen and when to stop. `temperature=0` takes the likeliest."""

    max_new_tokens: int = 32
    temperature: float = 0.0
    seed: int = 0
    stop_ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_whole(self, "max_new_tokens")
        check_number(self, "temperature")
        check_whole(self, "seed", least=-(1 << 63), most=(1 << 64) - 1)  # what torch takes
        check_whole_numbers(self, "stop_ids")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One run: how K and V are stored, who may see whom, how tokens are chosen."""

    cache: CacheSpec = field(default_factory=Contiguous)
    visibility: Visibility = field(default_factory=Visibility)
    sampling: SamplingParams = field(default_factory=SamplingParams)

    def __post_init__(self) -> None:
        check_kind("cache", self.cache, *CacheSpec.kinds)
        check_kind("visibility", self.visibility, Visibility)
        check_kind("sampling", self.sampling, SamplingParams)


def _checked_window(window: object) -> int | None:
    return None if window is None else whole("window", window, why=": a token sees itself")
