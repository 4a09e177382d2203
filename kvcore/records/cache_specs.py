"""The kinds of cache a run can ask for: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from kvcore.records.checks import check_choice, check_whole

if TYPE_CHECKING:
    from kvcore.records.config import ModelConfig, Visibility

FP32_BYTES = 4


@dataclass(frozen=True)
class CacheSpec:
    """A way to store K and V, and how much it holds and hands over, counted in one layer.

    A kind is a frozen dataclass that inherits from this, which enrols it. Where it says nothing
    else, every token is kept as rows in fp32. `kvcore/cache/` has what stores them.
    """

    kinds: ClassVar[tuple[type[CacheSpec], ...]] = ()

    def __init_subclass__(cls) -> None:
        CacheSpec.kinds += (cls,)

    def tokens_held(self, rule: Visibility, *, seen: int) -> int:
        """Tokens whose K and V are kept once `seen` of them were stored."""
        return seen

    def tokens_read(self, rule: Visibility, *, fed: int, seen: int) -> int:
        """Tokens stored before a step whose K and V attention is given in it."""
        return seen - fed

    def keys_given(self, rule: Visibility, *, fed: int, seen: int) -> int:
        """Keys that attention is given in a step: S. The mask may hide some of them."""
        return self.tokens_read(rule, fed=fed, seen=seen) + fed

    def stored_bytes(self, model: ModelConfig, n_tokens: int) -> int:
        """Bytes of K and V of so many tokens, over all layers, in the form in which they lie."""
        return n_tokens * model.kv_numbers_per_token * FP32_BYTES


@dataclass(frozen=True)
class NoCache(CacheSpec):
    """Keep nothing: every step runs the whole sequence again (recompute)."""

    def tokens_held(self, rule: Visibility, *, seen: int) -> int:
        return 0

    def tokens_read(self, rule: Visibility, *, fed: int, seen: int) -> int:
        return 0


@dataclass(frozen=True)
class Contiguous(CacheSpec):
    """Keep K and V of every past token in one buffer a layer, doubled when it is full."""


@dataclass(frozen=True)
class Rolling(CacheSpec):
    """Keep K and V of the positions in sight alone: pinned sinks, then a ring of window slots.

    StreamingLLM (Xiao et al. 2023, arXiv 2309.17453), for a Visibility with a window. Keys keep
    their absolute positions, where the paper numbers them anew inside the cache: so the answer is
    exactly that of the same window without a cache, and a run still ends at `max_seq_len`.
    """

    def tokens_held(self, rule: Visibility, *, seen: int) -> int:
        return min(seen, self.n_slots(rule))

    def tokens_read(self, rule: Visibility, *, fed: int, seen: int) -> int:
        # The first token fed sees one less of the old than a ring holds.
        return min(seen - fed, self.n_slots(rule) - 1)

    def n_slots(self, rule: Visibility) -> int:
        """Positions that a token sees at most. ValueError where there is no window."""
        if rule.window is None:
            raise ValueError("Rolling() with window=None: give a Visibility(window=...)")
        return rule.n_sink + rule.window


@dataclass(frozen=True, kw_only=True)
class Static(CacheSpec):
    """Keep K and V in `capacity` slots allocated at once; attention is always given all of them.

    What compiled and captured graphs need: no shape depends on how much has been written.
    """

    capacity: int

    def __post_init__(self) -> None:
        check_whole(self, "capacity")

    def keys_given(self, rule: Visibility, *, fed: int, seen: int) -> int:
        return self.capacity


@dataclass(frozen=True, kw_only=True)
class Paged(CacheSpec):
    """Keep K and V in blocks of `block_size` tokens, which a table finds (PagedAttention).

    Kwon et al. 2023 (arXiv 2309.06180). A run has a pool to itself; `kvcore.PagedPool` is one that
    sequences share.
    """

    block_size: int = 16

    def __post_init__(self) -> None:
        check_whole(self, "block_size")


@dataclass(frozen=True, kw_only=True)
class Quantized(CacheSpec):
    """Keep K and V of older tokens in `bits` bits, the newest ones in full precision (KIVI).

    Tokens become codes a `group` at a time, once `residual` newer ones are there. `keys="channel"`
    gives each channel of K a scale in each group, `keys="token"` each token, as V always has.
    """

    bits: Literal[4, 8] = 8
    keys: Literal["channel", "token"] = "channel"
    group: int = 32
    residual: int = 32

    def __post_init__(self) -> None:
        check_whole(self, "bits", "group", "residual")
        if self.bits not in (4, 8):
            raise ValueError(f"bits={self.bits!r} must be 4 or 8")
        check_choice("keys", self.keys, "channel", "token")

    def n_coded(self, seen: int) -> int:
        """How many of the oldest tokens are codes when `seen` tokens were stored."""
        return max(0, seen - self.residual) // self.group * self.group

    def until_next_group(self, seen: int) -> int:
        """How many tokens can follow `seen` ones before the next group becomes codes."""
        return self.residual + self.n_coded(seen + 1) + self.group - 1 - seen

    def stored_bytes(self, model: ModelConfig, n_tokens: int) -> int:
        """Codes of `bits` bits, their scales and zero points, and fp32 for the tokens left as such.

        A scale and a zero point in fp32 stand for each row that shares them: a channel of a group
        of tokens, or one token's numbers in a head.
        """
        D, coded = model.head_dim, self.n_coded(n_tokens)
        code_bytes = 2 * coded * D * self.bits // 8
        rows_of_k = coded // self.group * D if self.keys == "channel" else coded
        scale_bytes = 2 * FP32_BYTES * (rows_of_k + coded)
        plain_bytes = 2 * (n_tokens - coded) * D * FP32_BYTES
        return model.n_layers * model.n_kv_heads * (code_bytes + scale_bytes + plain_bytes)
