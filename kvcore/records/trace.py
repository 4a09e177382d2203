"""Records of a run: frozen values over read-only numpy arrays. No torch, no computing.

Letters: L layers, H query heads, Hkv key/value heads, D head_dim, V vocabulary, T tokens fed in a
step, S tokens seen by then.

Each token is stored once: a `Chunk` holds what one step computed for the tokens it was fed, and a
`Recording` is the run of chunks that a cache is built of at some step. What follows from them
(rotated q and k, scores, mask, weights, z) is derived on demand by `kvcore.look`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kvcore.records.config import ModelConfig, RunConfig, Visibility
from kvcore.records.rows import Rows

Phase = Literal["prefill", "decode"]


def locked(array: np.ndarray) -> np.ndarray:
    """The same array, which nobody can write any more."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class LayerSnapshot:
    """The contents of one layer of a cache. A variant with more to tell returns a subclass."""

    n_seen: int  # tokens stored so far, evicted ones included
    held_bytes: int  # bytes of the K and V rows in use
    allocated_bytes: int  # bytes of the buffers, used or not
    slot_pos: np.ndarray  # (slots,) position that lies in each physical slot, -1 = empty


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class PagedSnapshot(LayerSnapshot):
    """The contents of one layer of a paged sequence; the table is the same in each of its layers.

    `allocated_bytes` are those of its blocks, shared ones included; `slot_pos` has a place for
    every slot of the pool and shows this sequence alone.
    """

    block_size: int  # slots
    block_table: tuple[int, ...]  # the pool's block that holds the i-th `block_size` tokens
    references: np.ndarray  # (blocks of the pool,) sequences that hold each block

    @property
    def free_blocks(self) -> tuple[int, ...]:
        return tuple(np.flatnonzero(self.references == 0).tolist())

    @property
    def shared_blocks(self) -> tuple[int, ...]:
        """Blocks of this sequence that another one holds too."""
        return tuple(block for block in self.block_table if self.references[block] > 1)

    @property
    def wasted_slots(self) -> int:
        """Slots allocated and not used: less than a block, whatever the length."""
        return len(self.block_table) * self.block_size - self.n_seen


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class QuantizedSnapshot(LayerSnapshot):
    """A layer whose older tokens are codes."""

    n_coded: int  # tokens kept as codes, the oldest ones
    max_error: float  # largest |x - what its code stands for|, over K and V of those tokens
    mean_error: float


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class CacheSnapshot:
    """The contents of a cache after a step, over all layers."""

    n_seen: int  # tokens
    held_bytes: int  # bytes of the K and V rows in use
    allocated_bytes: int  # bytes of the buffers, used or not
    last_layer: LayerSnapshot  # every layer keeps the same positions in the same slots


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Chunk:
    """q, k and v before RoPE of the tokens that one step fed: a read-only array."""

    qkv: np.ndarray  # (L, T, H + 2 Hkv, D): q heads, then k heads, then v heads

    @property
    def n_tokens(self) -> int:
        return len(self.qkv[0])

    def first(self, n: int) -> Chunk:
        """The first `n` tokens, copied: views would keep what was dropped in memory.

        Words typed in the middle of a text cut one chunk after the other, each to a token or two.
        """
        return Chunk(qkv=locked(self.qkv[:, :n].copy()))


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Recording:
    """The chunks a step can look back on, oldest first; whole ones are shared with other steps."""

    chunks: tuple[Chunk, ...] = ()

    @property
    def n_tokens(self) -> int:
        return sum(chunk.n_tokens for chunk in self.chunks)

    def crop(self, n: int) -> Recording:
        """The first `n` tokens."""
        kept: list[Chunk] = []
        room = n
        for chunk in self.chunks:
            if room <= 0:
                break
            kept.append(chunk if chunk.n_tokens <= room else chunk.first(room))
            room -= chunk.n_tokens
        return Recording(chunks=tuple(kept))

    def append(self, chunk: Chunk) -> Recording:
        return Recording(chunks=(*self.chunks, chunk))

    def layer(self, layer: int) -> np.ndarray:
        """q, k and v before RoPE of all tokens in one layer: (S, H + 2 Hkv, D), a new array."""
        return np.concatenate([chunk.qkv[layer] for chunk in self.chunks])


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Step:
    """One forward of the model."""

    index: int
    phase: Phase  # prefill: the first forward of a run; decode: each later one
    ids: tuple[int, ...]  # (S,) every token seen by now
    start: int  # position of the first token fed; the tokens before it were reused
    dropped: int  # tokens the cache forgot because the text changed
    next_id: int
    logits: np.ndarray  # (V,) of the last token fed, fp32
    seconds: float  # the forwards alone; one that served other sessions too counts in full
    cache: CacheSnapshot
    rows: Rows  # what the cache holds of it, by the time that someone asks
    model: ModelConfig
    visibility: Visibility  # what applied: the run's, within what any layer of the model sees
    recording: Recording | None  # None without capture

    def rule(self, layer: int) -> Visibility:
        """The rule that applied in one layer, which may see less than others."""
        return self.visibility.within(self.model.windows[layer])

    @property
    def fed_ids(self) -> tuple[int, ...]:
        return self.ids[self.start :]

    @property
    def fed(self) -> int:
        """Tokens the model was run on in this step."""
        return len(self.ids) - self.start

    @property
    def reused(self) -> int:
        """Tokens that the cache had seen before, so that the step did not feed them again."""
        return self.start


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Trace:
    """A whole run."""

    model: ModelConfig
    run: RunConfig
    prompt_ids: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def new_ids(self) -> tuple[int, ...]:
        return tuple(step.next_id for step in self.steps)


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class LayerTrace:
    """One layer at one step, every array fp32 and read-only."""

    q_raw: np.ndarray  # (H, T, D)    before RoPE, after the norm of q and k if there is one
    k_raw: np.ndarray  # (Hkv, S, D)  before RoPE
    q: np.ndarray  # (H, T, D)    after RoPE
    k: np.ndarray  # (Hkv, S, D)  after RoPE: what the cache holds
    v: np.ndarray  # (Hkv, S, D)
    q_pos: np.ndarray  # (T,)
    k_pos: np.ndarray  # (S,)
    scores: np.ndarray  # (H, T, S)    q·k / sqrt(D), before the mask
    mask: np.ndarray  # (T, S)       True = may attend
    weights: np.ndarray  # (H, T, S)    softmax over visible keys; rows sum to 1
    z: np.ndarray  # (H, T, D)    weights @ v
