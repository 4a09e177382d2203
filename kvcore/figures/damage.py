"""The savings of kinds of cache, against their cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from kvcore.figures.colours import K
from kvcore.study.quality import Damage

EXACT = "#8A8A8A"
LEAST = 1e-10  # nats; below it, what is left is the rounding of fp32


@dataclass(frozen=True, kw_only=True)
class DamageWords:
    """The figure's words, in the reader's language.

    `point` has plotly's slots %{text} (name), %{x} (bytes), %{y} (nats) and, in %{customdata},
    perplexity [0], its exact value [1] and flipped tokens [2].
    """

    held: str
    kl: str
    everything: str  # the line at the bytes of a cache that keeps everything in fp32
    point: str


def damage_map(found: Sequence[Damage], names: Sequence[str], words: DamageWords) -> go.Figure:
    """A point a kind of cache: bytes of K and V held against mean KL, on a log scale.

    Left and low is good. A kind without damage lies on the lower edge, at `LEAST`. All must be of
    one text: raises ValueError otherwise, and for more or fewer names than kinds.
    """
    if not found or len(names) != len(found):
        raise ValueError(
            f"{len(names)} names for {len(found)} kinds: give one for each of at least one"
        )
    exact = {one.exact_bytes for one in found}
    if len(exact) > 1:
        raise ValueError(
            f"texts of {min(exact)} and {max(exact)} bytes of K and V: compare kinds on one text"
        )
    figure = go.Figure()
    figure.add_scatter(
        x=[one.held_bytes for one in found],
        y=[max(one.quality.mean_kl, LEAST) for one in found],
        text=list(names),
        customdata=[
            (one.quality.perplexity, one.quality.exact_perplexity, one.quality.n_flipped)
            for one in found
        ],
        mode="markers+text",
        textposition="top center",
        marker={"color": K, "size": 10},
        hovertemplate=f"{words.point}<extra></extra>",
        cliponaxis=False,
    )
    figure.add_vline(
        x=exact.pop(),
        line={"color": EXACT, "dash": "dot"},
        annotation={"text": words.everything, "font": {"color": EXACT}},
        annotation_position="top left",
    )
    figure.update_layout(
        height=360,
        margin={"l": 0, "r": 0, "t": 24, "b": 0},
        showlegend=False,
        xaxis={"title": words.held, "rangemode": "tozero"},
        yaxis={"title": words.kl, "type": "log", "exponentformat": "power"},
    )
    return figure
