"""kv.growth: one run, prefill and decode, played step by step in the browser."""

from collections.abc import Iterator, Mapping
from typing import Final

from ui.figures.control import Control
from ui.figures.figure import Figure
from ui.figures.sheet import Row, Value
from ui.figures.wording import keys_help, one_value
from ui.language.i18n import speaker
from ui.record.labels import name
from ui.record.record import Message, Record, write


def growth_block(
    record: Record,
    *,
    layer: int,
    head: int,
    text: Mapping[str, str],
    step: int = 0,
    control: Control = "free",
) -> bytes:
    """Pack a run with every query of one layer and head, which opens at `step`.

    `control` says who chose the step; `text` is what `words` gives. ValueError for a run without
    steps, steps that do not feed every token, and a step, layer or head that there is not.
    """
    steps, n_tokens = record.steps, len(record.tokens)
    if not steps:
        raise ValueError("0 steps cannot be played: give at least the prefill")
    seen = max(each.start + each.fed for each in steps)
    if seen != n_tokens:
        raise ValueError(f"the steps feed {seen} tokens, but there are {n_tokens} labels")
    if not 0 <= step < len(steps):
        raise ValueError(f"step={step} is not one of {len(steps)}: give 0 to {len(steps) - 1}")
    record.require(layer, head)
    state = {"layer": layer, "head": head, "step": step, "control": control}
    return write(Message(record, state, dict(text)))


def words(lang: str) -> dict[str, str]:
    """The figure's words in a language; slots in braces are filled in the browser."""
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


def rows(message: Message) -> Iterator[Row]:
    """Steps count from 0, as in the address; the likeliest next tokens stand at the right."""
    record = message.record
    n_next = max(len(step.next) for step in record.steps)
    ranked = [name for i in range(1, n_next + 1) for name in (f"next_{i}", f"probability_{i}")]
    yield (
        *("step", "phase", "first_pos", "tokens_fed", "last_token_fed"),
        *("held_bytes", "read_bytes", "milliseconds", "chosen", *ranked),
    )
    for index, step in enumerate(record.steps):
        following: list[Value] = []
        for candidate in step.next:
            following += name(candidate.label), candidate.p
        yield (
            *(index, step.phase, step.start, step.fed),
            name(record.tokens[step.start + step.fed - 1]),
            *(step.held_bytes, step.read_bytes, step.ms),
            None if step.chosen is None else name(step.next[step.chosen].label),
            *following,
            *[None] * (2 * n_next - len(following)),
        )


FIGURE: Final = Figure(
    name="growth", words=words, rows=rows, moved="step", timed=True, heights=(1325, 2467)
)
