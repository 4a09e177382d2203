"""kv.growth: one run, prefill and decode, played step by step in the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_shapes, require_text
from ui.figures.hold import Hold
from ui.figures.labels import Label, sent
from ui.figures.pack import pack

Floats = NDArray[np.float32]

# What the page must say, in the visitor's language. Slots in braces are filled in the browser.
TEXT: Final = (
    "label_recompute",  # names of the four matrices for a screen reader
    "label_cached",
    "label_k",
    "label_v",
    "help",  # how the keys work in them
    "hint",  # under a square while no cell is chosen
    "recompute_prefill",  # titles of the squares: {rows} seen so far, {again} of them before, {fed}
    "recompute_decode",
    "cached_prefill",
    "cached_decode",
    "again",  # legend: computed again for nothing
    "k",  # titles: {layer} {kv_head}
    "v",
    "map",  # title: {n_layers} {held} positions {fed} new
    "layer",  # {layer}
    "next",  # title of the next-token distribution
    "more",  # opens, in a frame, all but the squares
    "chosen",  # marks the chosen token for a screen reader
    "cell",  # {query} {query_pos} {key} {key_pos} {value}, and {score} if wanted
    "strip",  # one value of K or V: {letter} {token} {pos} {layer} {kv_head} {dim} {value}
    "masked",  # stands for a value that may not be looked at
    "empty",  # stands for a value that is not computed yet
    "weights",  # title of the scale
    "as_table",  # opens the table behind a picture
    "fed",  # names of the counters
    "held",
    "read",
    "ms",
    "step_prefill",  # {step} {steps} {fed} {held} {next}
    "step_decode",  # the same, and {token} {pos}: the one token fed
    "controls",  # names of the controls
    "play",
    "pause",
    "back",
    "forward",
    "scrub",
    "speed",
    "space",  # what a screen reader says for the mark of one
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A next token and its probability."""

    label: Label
    p: float


@dataclass(frozen=True, kw_only=True)
class GrowthStep:
    """One step: `fed` tokens from position `start` on, measured in bytes and milliseconds.

    `next` is most probable first; `chosen` its index that was taken, None if it is not among them.
    """

    phase: Literal["prefill", "decode"]
    start: int
    fed: int
    held_bytes: int
    read_bytes: int
    ms: float
    next: Sequence[Candidate]
    chosen: int | None


def growth_block(
    *,
    tokens: Sequence[Label],
    steps: Sequence[GrowthStep],
    layer: int,
    head: int,
    kv_head: int,
    n_layers: int,
    n_kv_heads: int,
    scores: Floats,
    weights: Floats,
    mask: NDArray[np.bool_],
    k: Floats,
    v: Floats,
    text: Mapping[str, str],
    step: int = 0,
    hold: Hold = "free",
) -> bytes:
    """Pack a run of S tokens in all, which opens at `step`; `hold` says who chose it.

    scores (before the mask), weights and mask (True = may attend) are (S, S) of the chosen layer
    and head; k and v are (S, D) of its kv head. `text` holds the strings listed in TEXT. ValueError
    when shapes disagree or a string is missing.
    """
    n_tokens, dim = len(tokens), k.shape[-1]
    if not steps:
        raise ValueError("0 steps cannot be played: give at least the prefill")
    seen = max(each.start + each.fed for each in steps)
    if seen != n_tokens:
        raise ValueError(f"the steps feed {seen} tokens, but there are {n_tokens} labels")
    if not 0 <= step < len(steps):
        raise ValueError(f"step={step} is not one of {len(steps)}: give 0 to {len(steps) - 1}")
    require_text(text, TEXT)
    require_shapes(
        f"{n_tokens} tokens with head_dim {dim}",
        ("k", k, (n_tokens, dim)),
        ("v", v, (n_tokens, dim)),
        ("scores", scores, (n_tokens, n_tokens)),
        ("mask", mask, (n_tokens, n_tokens)),
        ("weights", weights, (n_tokens, n_tokens)),
    )
    meta = {
        "tokens": sent(tokens),
        "steps": [_sent_step(each) for each in steps],
        "layer": layer,
        "head": head,
        "kv_head": kv_head,
        "n_layers": n_layers,
        "n_kv_heads": n_kv_heads,
        "head_dim": dim,
        "step": step,
        "hold": hold,
        "text": dict(text),
    }
    return pack(meta, scores=scores, weights=weights, mask=mask, k=k, v=v)


def _sent_step(step: GrowthStep) -> dict[str, object]:
    labels = sent([candidate.label for candidate in step.next])
    return {
        "phase": step.phase,
        "start": step.start,
        "fed": step.fed,
        "held_bytes": step.held_bytes,
        "read_bytes": step.read_bytes,
        "ms": step.ms,
        "next": [
            {"label": label, "p": candidate.p}
            for label, candidate in zip(labels, step.next, strict=True)
        ],
        "chosen": step.chosen,
    }
