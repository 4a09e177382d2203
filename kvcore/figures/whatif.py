"""The effect of a mistake: the rows of K and V that changed, and how far each answer moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kvcore.figures.colours import REDO
from kvcore.study.whatif.result import WhatIfResult

UNCHANGED = "#F3F0EA"
CHANGED = REDO
LEAST = 1e-4  # relative; below it a row counts as unchanged: rounding moves one by about 1e-5
GAP_HEIGHT = 160  # pixels


@dataclass(frozen=True, kw_only=True)
class WhatIfWords:
    """The figure's words, in the reader's language.

    `cell` has plotly's slots %{y} (layer), %{x} (position) and %{customdata} (relative change);
    `step` has %{x} (position of the last token fed) and %{y} (gap).
    """

    k: str  # title of the map of K
    v: str
    layer: str
    change: str  # title of the colour scale
    gap: str
    first_difference: str
    cell: str
    step: str


def what_if(result: WhatIfResult, tokens: Sequence[str], words: WhatIfWords) -> go.Figure:
    """Maps of layer against token for K and V, over the logit gap of each step, on one axis.

    `tokens` names the S tokens that were fed. The colours are on a log scale from `LEAST` to 1, the
    length of the row itself. A step's gap stands under the last token that it was fed.

    Raises ValueError when there are not as many names as tokens.
    """
    n_layers, n_fed = result.change.k.shape
    if len(tokens) != n_fed:
        raise ValueError(f"{len(tokens)} names for {n_fed} tokens: give one for each")
    map_height = max(110, 12 * n_layers)
    figure = make_subplots(
        rows=3,
        shared_xaxes=True,
        vertical_spacing=0.08,
        row_heights=[map_height, map_height, GAP_HEIGHT],
        subplot_titles=(words.k, words.v, words.gap),
    )
    for row, change in enumerate((result.change.k, result.change.v), start=1):
        figure.add_heatmap(
            z=np.log10(change.clip(LEAST, 1)),
            customdata=change,
            coloraxis="coloraxis",
            xgap=1,
            ygap=1,
            hovertemplate=f"{words.cell}<extra></extra>",
            row=row,
            col=1,
        )
        layers = {"title": words.layer, "autorange": "reversed", "dtick": _tick(n_layers)}
        figure.update_yaxes(**layers, row=row, col=1)
    first = len(result.prompt_ids) - 1
    figure.add_scatter(
        x=list(range(first, n_fed)),
        y=result.gaps,
        mode="lines+markers",
        line={"color": CHANGED, "width": 2},
        hovertemplate=f"{words.step}<extra></extra>",
        row=3,
        col=1,
    )
    if result.first_difference is not None:
        where = {"x": first + result.first_difference, "row": 3, "col": 1}
        figure.add_vline(**where, line_dash="dot", annotation_text=words.first_difference)
    figure.update_xaxes(tickvals=list(range(n_fed)), ticktext=list(tokens), row=3, col=1)
    figure.update_yaxes(rangemode="tozero", row=3, col=1)
    decades = list(range(round(np.log10(LEAST)), 1))
    figure.update_layout(
        height=2 * map_height + GAP_HEIGHT + 100,
        margin={"l": 0, "r": 0, "t": 24, "b": 0},
        showlegend=False,
        coloraxis={
            "colorscale": [[0, UNCHANGED], [1, CHANGED]],
            "cmin": decades[0],
            "cmax": decades[-1],
            "colorbar": {
                "title": words.change,
                "tickvals": decades,
                "ticktext": [f"{10.0**decade:g}" for decade in decades],
            },
        },
    )
    return figure


def _tick(n_layers: int) -> int:
    """Layers between ticks, about eight ticks."""
    return max(1, round(n_layers / 8))
