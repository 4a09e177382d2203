"""A snapshot's recording: the block of a figure, and for the matrix all layers and heads of it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import kvcore
from kvembed.languages import LANGUAGES
from ui.figures import matrix
from ui.figures.registry import FIGURES
from ui.record.record import Message, read, write
from ui.served import runs
from ui.views.matrix import lost_named
from ui.views.record import of_heads
from ui.views.resolved import ResolvedView

MOST_VALUES: Final = 200_000  # numbers of q, k and v in one file: about 700 KB


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A figure, its block, and what it says by language; `layers` and `heads` can be picked.

    The matrix has seven steps, opens on `step`, and in the last `lost` is without its rows.
    """

    figure: str
    block: bytes
    texts: Mapping[str, Any]
    layers: range
    heads: range
    step: int | None = None
    lost: int = 0

    def packed(self) -> str:
        """The block for a document: compressed, in base64."""
        return base64.b64encode(zlib.compress(self.block, 9)).decode()


def record(of: ResolvedView, figure: str, block: bytes, locked: Collection[str]) -> Recording:
    """The recording of a figure that shows `of`; what is `locked` nobody moves in it."""
    shown, state, _ = read(block)
    state = dict(state)
    if moved := FIGURES[figure].moved:
        state["control"] = "fixed" if moved in locked else "free"
    if figure == "matrix":
        return _matrix(of, state)
    return Recording(
        figure=figure,
        block=write(Message(shown, state, {})),
        texts={lang: FIGURES[figure].words(lang) for lang in LANGUAGES},
        layers=range(of.layer, of.layer + 1),
        heads=range(of.head, of.head + 1),
    )


def _matrix(of: ResolvedView, state: Mapping[str, Any]) -> Recording:
    """With every head, and where the file stays small every layer."""
    config = of.decoder.config
    lost = lost_named(of.view, len(of.ids) - 1)
    values = len(of.ids) * (config.n_heads + 2 * config.n_kv_heads) * config.head_dim
    every = values * config.n_layers <= MOST_VALUES
    layers = range(config.n_layers) if every else range(of.layer, of.layer + 1)
    run = runs.arrival(of.decoder, of.ids)
    looked = {layer: kvcore.look(run, layer, queries="all") for layer in layers}
    shown = of_heads(run, looked, of.decoder.tokenizer)
    state = {**state, "deleted": {"q": True, "k": lost, "v": lost}}
    return Recording(
        figure="matrix",
        block=write(Message(shown, state, {}), short=True),
        texts={
            lang: {
                "plain": matrix.words(lang),
                "deleting": matrix.words(lang, deleting=True),
                "cell": matrix.cell_words(lang),
            }
            for lang in LANGUAGES
        },
        layers=layers,
        heads=range(config.n_heads),
        step=state["stage"],
        lost=lost,
    )
