"""How long steps took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from kvcore.figures.colours import REDO, K, channels
from kvcore.records.step_timings import RaceResult


@dataclass(frozen=True, kw_only=True)
class LatencyWords:
    """The chart's words, in the reader's language; `hover` has plotly's %{x} and %{y} slots."""

    cached: str
    recomputed: str
    position: str
    milliseconds: str
    hover: str


def latency(result: RaceResult, words: LatencyWords) -> go.Figure:
    """Milliseconds of each decode step against tokens in context: median, band from min to max."""
    figure = go.Figure()
    seen = result.seen[1:]
    for name, seconds, colour in (
        (words.recomputed, result.recomputed, REDO),
        (words.cached, result.cached, K),
    ):
        ms = 1e3 * seconds[:, 1:]
        band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        figure.add_scatter(x=seen, y=ms.min(0), **band)
        figure.add_scatter(x=seen, y=ms.max(0), fill="tonexty", fillcolor=_faint(colour), **band)
        figure.add_scatter(
            x=seen,
            y=np.median(ms, axis=0),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            hovertemplate=words.hover,
        )
    figure.update_layout(
        height=360,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": 1.08, "x": 0},
        hovermode="x unified",
        xaxis={"title": words.position, "dtick": _tick(len(seen))},
        yaxis={"title": words.milliseconds, "rangemode": "tozero"},
    )
    return figure


def _faint(colour: str) -> str:
    return "rgba({}, {}, {}, 0.2)".format(*channels(colour))


def _tick(count: int) -> int:
    """Whole tokens between ticks, about eight ticks."""
    return max(1, round(count / 8))
