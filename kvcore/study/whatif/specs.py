"""Runs that are wrong on purpose: one frozen spec a mistake, each one somebody made. No torch.

`pos` is the position of an old token: one before the last of the prompt. A row that goes wrong is
wrong in every layer, from the moment it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kvcore.records.checks import check_whole, whole


@dataclass(frozen=True)
class MaskOff:
    """Every token sees every other one that the cache holds, later ones too.

    The prompt's rows are then computed from tokens that come after them: each would be stale as
    soon as a token is added. Lightning-AI/litgpt #2182: a mask that did not follow the positions
    let early queries attend to the future, and nothing said so.
    """


@dataclass(frozen=True)
class MaskInWrongCorner:
    """The triangle of the mask stands in the upper left corner, and not in the lower right one.

    The same thing while as many queries as keys are there, so that the prefill is right; a decode
    step, one query against all keys, then sees the first token alone. This is what `is_causal=True`
    means in PyTorch's `scaled_dot_product_attention` when there are fewer queries than keys:
    pytorch #144858 (with a KV cache), #103082, #108108.
    """


@dataclass(frozen=True, kw_only=True)
class KeyAtWrongPosition:
    """The cached key of the token at `pos` is rotated as if it stood at `at`; its value is right.

    MemTensor/MemOS #2315: pieces of caches are joined without rotating their keys to the places
    where they land.
    """

    pos: int
    at: int

    def __post_init__(self) -> None:
        check_whole(self, "pos", "at", least=0)


@dataclass(frozen=True, kw_only=True)
class KeyRotatedTwice:
    """RoPE is applied again to the cached key of the token at `pos`, as if it stood at 2 * `pos`.

    At position 0 nothing happens: its angle is 0. NeuraLegion/shainet PR #110, as its review found:
    the cache held keys after RoPE, and RoPE was applied to all of it in every step.
    """

    pos: int

    def __post_init__(self) -> None:
        check_whole(self, "pos", least=0)


@dataclass(frozen=True, kw_only=True)
class KRowDropped:
    """The key of the token at `pos` was never written: zeros, as the buffer was allocated.

    It is not hidden. Its score is 0 with every query, so it still takes a share of the attention
    that has nothing to do with what the token says. tenstorrent/tt-metal #54413: a prefill left
    cached positions zero at certain lengths of the prompt; the output stayed fluent, and wrong.
    """

    pos: int

    def __post_init__(self) -> None:
        check_whole(self, "pos", least=0)


@dataclass(frozen=True, kw_only=True)
class VRowDropped:
    """The value of the token at `pos` was never written: zeros, as the buffer was allocated.

    Queries find the token and give it the weight that is due, and get nothing for it. The bug is
    that of `KRowDropped`, in the other buffer.
    """

    pos: int

    def __post_init__(self) -> None:
        check_whole(self, "pos", least=0)


@dataclass(frozen=True)
class OldQDropped:
    """Every old q is NaN from the projection on, in all layers and heads: no effect.

    Each step after the prefill carries the old tokens along on the K and V that are cached, as
    `old_q.py` says; the right run does too, without the NaN. Not a bug, and that is the point:
    nothing of the newest token reads an old q, or its logits would be NaN, as those of the old
    tokens are. Texts that have q cached too suggest that something does: jalammar.github.io PR #36
    would correct one.
    """


@dataclass(frozen=True, kw_only=True)
class StaleRow:
    """The token at `pos` was `old_id` before the text was edited, and the cache was not cropped.

    Its old row stays; all later tokens are computed anew, and read it. They learn of the token by
    that row alone, so the run goes on as if nothing had been edited. ml-explore/mlx-lm #1494: a
    prompt cache gave back K and V of another text than the one they were kept for.
    """

    pos: int
    old_id: int

    def __post_init__(self) -> None:
        check_whole(self, "pos", "old_id", least=0)


WhatIf: TypeAlias = (
    MaskOff
    | MaskInWrongCorner
    | KeyAtWrongPosition
    | KeyRotatedTwice
    | KRowDropped
    | VRowDropped
    | OldQDropped
    | StaleRow
)


def check_old(ids: Sequence[int], pos: int | None) -> int:
    """`pos`; ValueError unless it is the position of a token before the last of `ids`."""
    return whole("pos", pos, 0, len(ids) - 2, why=": an old token's position")
