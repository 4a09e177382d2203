"""kv.growth: one run, prefill and decode, played step by step in the browser."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_shapes
from ui.figures.control import Control
from ui.figures.figure import Figure
from ui.figures.labels import Label, name, sent
from ui.figures.pack import pack
from ui.figures.record import Arrays, Meta
from ui.figures.sheet import Row, Value
from ui.figures.wording import keys_help, one_value
from ui.language.i18n import speaker

Floats = NDArray[np.float32]


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
    control: Control = "free",
) -> bytes:
    """Pack a run of S tokens in all, which opens at `step`; `control` says who chose it.

    scores (before the mask), weights and mask (True = may attend) are (S, S) of the chosen layer
    and head; k and v are (S, D) of its kv head. `text` is what `words` gives. ValueError
    when shapes disagree.
    """
    n_tokens, dim = len(tokens), k.shape[-1]
    if not steps:
        raise ValueError("0 steps cannot be played: give at least the prefill")
    seen = max(each.start + each.fed for each in steps)
    if seen != n_tokens:
        raise ValueError(f"the steps feed {seen} tokens, but there are {n_tokens} labels")
    if not 0 <= step < len(steps):
        raise ValueError(f"step={step} is not one of {len(steps)}: give 0 to {len(steps) - 1}")
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
        "control": control,
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


def words(lang: str) -> dict[str, str]:
    """What it says in a language; slots in braces are filled in the browser."""
    _ = speaker(lang)
    return {
        "label_recompute": _("The rows that recomputing computes"),
        "label_cached": _("The rows that the cached run computes"),
        "label_k": _("K in the cache"),
        "label_v": _("V in the cache"),
        "help": keys_help(lang),
        "hint": _("Point at a cell to read it."),
        "recompute_prefill": _("Without a cache: all {rows} rows"),
        "recompute_decode": _("Without a cache: {rows} rows, {again} of them again"),
        "cached_prefill": _("With the cache: all {rows} rows too"),
        "cached_decode": _("With the cache: {fed} row"),
        "again": _("computed again for nothing"),
        "k": _("K of layer {layer}, kv head {kv_head}"),
        "v": _("V of layer {layer}, kv head {kv_head}"),
        "map": _("{held} rows held in each of {n_layers} layers, {fed} new"),
        "layer": _("layer {layer}"),
        "next": _("What may come next"),
        "more": _("K, V, all layers, and what may come next"),
        "chosen": _("chosen"),
        "cell": _("query ‘{query}’ ({query_pos}) · key ‘{key}’ ({key_pos}): {value}"),
        "strip": one_value(lang),
        "masked": _("masked"),
        "empty": _("not computed yet"),
        "weights": _("weight"),
        "as_table": _("The same as a table"),
        "space": _("space"),
        "fed": _("tokens fed"),
        "held": _("held in the cache"),
        "read": _("read from the cache"),
        "ms": _("milliseconds"),
        "step_prefill": _(
            "Step {step} of {steps}: prefill feeds all {fed} tokens at once. "
            "The model chooses ‘{next}’."
        ),
        "step_decode": _(
            "Step {step} of {steps}: decode feeds ‘{token}’ at position {pos}, and {held} rows are "
            "held. The model chooses ‘{next}’."
        ),
        "controls": _("Player"),
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("One step back"),
        "forward": _("One step forward"),
        "scrub": _("Step"),
        "speed": _("Speed"),
    }


def rows(meta: Meta, _arrays: Arrays) -> Iterator[Row]:
    """Steps count from 0, as in the address; the likeliest next tokens stand at the right."""
    n_next = max(len(step["next"]) for step in meta["steps"])
    ranked = [name for i in range(1, n_next + 1) for name in (f"next_{i}", f"probability_{i}")]
    yield (
        *("step", "phase", "first_pos", "tokens_fed", "last_token_fed"),
        *("held_bytes", "read_bytes", "milliseconds", "chosen", *ranked),
    )
    for index, step in enumerate(meta["steps"]):
        start, fed, chosen = step["start"], step["fed"], step["chosen"]
        following: list[Value] = []
        for candidate in step["next"]:
            following += name(candidate["label"]), candidate["p"]
        yield (
            *(index, step["phase"], start, fed, name(meta["tokens"][start + fed - 1])),
            *(step["held_bytes"], step["read_bytes"], step["ms"]),
            None if chosen is None else name(step["next"][chosen]["label"]),
            *following,
            *[None] * (2 * n_next - len(following)),
        )


FIGURE: Final = Figure(
    name="growth", words=words, rows=rows, moved="step", timed=True, heights=(1325, 2467)
)
