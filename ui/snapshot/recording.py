"""What a snapshot records: the block of a figure, and for the matrix all layers and heads of it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import kvcore
from kvembed.languages import LANGUAGES
from ui.figures import matrix
from ui.figures.pack import pack, unpack
from ui.figures.registry import FIGURES
from ui.served import runs
from ui.views.matrix import lost_named
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
    """What a file has to hold of a figure that shows `of`; what is `locked` nobody moves in it."""
    meta, arrays = unpack(block)
    if moved := FIGURES[figure].moved:
        meta["control"] = "fixed" if moved in locked else "free"
    if figure == "matrix":
        return _matrix(of, meta, arrays["mask"])
    return Recording(
        figure=figure,
        block=pack(meta, **arrays),
        texts={lang: FIGURES[figure].words(lang) for lang in LANGUAGES},
        layers=range(of.layer, of.layer + 1),
        heads=range(of.head, of.head + 1),
    )


def _matrix(of: ResolvedView, meta: Mapping[str, Any], mask: NDArray[np.uint8]) -> Recording:
    """Without scores, weights and z, which the reader's browser makes of q, k and v."""
    config = of.decoder.config
    lost = lost_named(of.view, len(of.ids) - 1)
    values = len(of.ids) * (config.n_heads + 2 * config.n_kv_heads) * config.head_dim
    alike = len(set(config.windows)) == 1  # a file has one mask, and it must be that of each layer
    every = alike and values * config.n_layers <= MOST_VALUES
    layers = range(config.n_layers) if every else range(of.layer, of.layer + 1)
    run = {
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "first_layer": layers.start,
    }
    seen = {name: meta[name] for name in ("tokens", "cell", "control")} | {"run": run}
    seen["deleted"] = {"q": True, "k": lost, "v": lost}
    step = runs.arrival(of.decoder, of.ids)
    looked = (kvcore.look(step, layer, queries="all") for layer in layers)
    rows = np.stack([np.concatenate([each.q, each.k, each.v]) for each in looked])
    return Recording(
        figure="matrix",
        block=pack(seen, planes=planes(rows), mask=mask),  # (3, L, H + 2 Hkv, S, D)
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
        step=meta["stage"],
        lost=lost,
    )


def planes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """float32 without the last of its four bytes, rounded: (3, ...), the highest bytes first.

    Right to 1 part in 60,000; and bytes of one kind lie together, which compresses.
    """
    bits = values.view(np.uint32).astype(np.uint64)
    short = (bits + 0x80) >> 8
    return np.stack([(short >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)])
