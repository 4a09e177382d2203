"""kv.cache_view of one step: the cache under the text, and what the newest token looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kvcore import ModelConfig, Step, Tokenizer, look
from ui.figures.cache_view import cache_view_block, words
from ui.views.record import of_cache

MOST_ROWS: Final = 12  # pairs of K and V under one token that a screen has room for


def shows_all(model: ModelConfig) -> bool:
    """Whether the figure has room for the cache of every layer at once."""
    return model.n_layers * model.n_kv_heads <= MOST_ROWS


def reading(model: ModelConfig) -> tuple[str, ...]:
    """The sections of prose that tell how to read the figure of this model."""
    return (
        "reading",
        "reading-all" if shows_all(model) else "reading-one",
        "heads-own" if model.queries_per_kv_head == 1 else "heads",
        "turned-some" if model.nope_layers else "turned",
        "bytes",
    )


def cache_view(
    step: Step, fallen: Sequence[int], tokenizer: Tokenizer, *, layer: int, head: int, lang: str
) -> bytes:
    """Pack the cache after `step`, which made it drop the tokens `fallen`."""
    shown = range(step.model.n_layers) if shows_all(step.model) else (layer,)
    looked = {i: look(step, i) for i in shown}
    return cache_view_block(
        of_cache(step, looked, fallen, tokenizer, layer=layer, head=head),
        layer=layer,
        head=head,
        run=str(step.index),
        text=words(lang),
    )
