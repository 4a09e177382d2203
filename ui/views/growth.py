"""kv.growth of a run: its steps, and the rows and weights of one layer and head."""

from __future__ import annotations

from typing import Final

from kvcore import Decoder, LayerTrace, Trace
from ui.figures.control import Control
from ui.figures.growth import growth_block, words
from ui.views.record import of_head, played

N_TOKENS: Final = 16  # written after the prompt


def growth(
    decoder: Decoder,
    trace: Trace,
    attention: LayerTrace,
    *,
    layer: int,
    head: int,
    step: int,
    lang: str,
    control: Control = "free",
) -> bytes:
    """Pack a run, of which `attention` is all of `layer` at its end, opened at `step`."""
    last, tokenizer = trace.steps[-1], decoder.tokenizer
    steps = [played(each, tokenizer) for each in trace.steps]
    return growth_block(
        of_head(last, attention, tokenizer, layer=layer, head=head, steps=steps),
        layer=layer,
        head=head,
        text=words(lang),
        step=step,
        control=control,
    )
