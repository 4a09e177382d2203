"""The kinds of cache a run can ask for: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from kvcore.records.checks import check_choice, check_whole


@dataclass(frozen=True)
class NoCache:
    """Keep nothing: every step runs the whole sequence again (recompute)."""


@dataclass(frozen=True)
class Contiguous:
    """Keep K and V of every past token in one buffer a layer, doubled when it is full."""


@dataclass(frozen=True)
class Rolling:
    """Keep K and V of the positions in sight alone: pinned sinks, then a ring of window slots.

    StreamingLLM (Xiao et al. 2023, arXiv 2309.17453), for a Visibility with a window. Keys keep
    their absolute positions, where the paper numbers them anew inside the cache: so the answer is
    exactly that of the same window without a cache, and a run still ends at `max_seq_len`.
    """


@dataclass(frozen=True, kw_only=True)
class Static:
    """Keep K and V in `capacity` slots allocated at once; attention is always given all of them.

    What compiled and captured graphs need: no shape depends on how much has been written.
    """

    capacity: int

    def __post_init__(self) -> None:
        check_whole(self, "capacity")


@dataclass(frozen=True, kw_only=True)
class Paged:
    """Keep K and V in blocks of `block_size` tokens, which a table finds (PagedAttention).

    Kwon et al. 2023 (arXiv 2309.06180). A run has a pool to itself; `kvcore.PagedPool` is one that
    sequences share.
    """

    block_size: int = 16

    def __post_init__(self) -> None:
        check_whole(self, "block_size")


@dataclass(frozen=True, kw_only=True)
class Quantized:
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


CacheSpec: TypeAlias = NoCache | Contiguous | Rolling | Static | Paged | Quantized
