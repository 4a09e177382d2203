"""Which position lies in which physical slot of a cache, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from kvcore.figures.colours import K, channels
from kvcore.records.trace import Step

WRITTEN = K  # K and V, in this step
# Since an earlier one: the same blue, fainter.
KEPT = "#" + "".join(f"{round(255 + 0.4 * (channel - 255)):02X}" for channel in channels(K))
REPLACED = "#8A8A8A"
MOST_TEXTS = 1000  # cells; more cannot be read


@dataclass(frozen=True, kw_only=True)
class SlotWords:
    """The figure's words, in the reader's language.

    `cell` has plotly's slots %{x} (step), %{y} (slot), %{text} (position) and %{customdata}
    (token); `left` has %{x}, %{y} and %{customdata} (the position that was there before).
    """

    step: str
    slot: str
    replaced: str  # legend: the slot held another position before
    cell: str
    left: str


def slot_map(steps: Sequence[Step], tokens: Sequence[str], words: SlotWords) -> go.Figure:
    """A column a step, a row a slot, the position in it as text; an empty slot is a gap.

    Strong blue is written in this step, faint blue kept from before; a grey frame says that another
    position lay there one step earlier. Every layer has the same map. `tokens` names the positions.

    Raises ValueError for steps of a run that keeps nothing, and for fewer names than positions.
    """
    n_slots = max((len(step.cache.last_layer.slot_pos) for step in steps), default=0)
    if not n_slots:
        raise ValueError(f"{len(steps)} steps with 0 slots: give the steps of a run with a cache")
    pos = np.full((n_slots, len(steps)), -1)
    for column, step in enumerate(steps):
        slots = step.cache.last_layer.slot_pos
        pos[: len(slots), column] = slots
    if len(tokens) <= pos.max():
        raise ValueError(f"{len(tokens)} names for {pos.max() + 1} positions: give one for each")
    index = [step.index for step in steps]
    written = pos >= [step.start for step in steps]
    figure = go.Figure()
    figure.add_heatmap(
        x=index,
        z=np.where(pos < 0, np.nan, written),
        zmin=0,
        zmax=1,
        colorscale=[[0, KEPT], [1, WRITTEN]],
        showscale=False,
        text=np.where(pos < 0, "", pos.astype(str)),
        texttemplate="%{text}" if pos.size <= MOST_TEXTS else None,
        customdata=np.array([*tokens, ""])[pos],
        hovertemplate=f"{words.cell}<extra></extra>",
        xgap=2,
        ygap=2,
    )
    before, after = pos[:, :-1], pos[:, 1:]
    slot, later = np.nonzero((before >= 0) & (after >= 0) & (before != after))
    figure.add_scatter(
        x=np.array(index)[later + 1],
        y=slot,
        customdata=before[slot, later],
        name=words.replaced,
        mode="markers",
        marker={"symbol": "square-open", "color": REPLACED, "size": 18, "line": {"width": 2}},
        hovertemplate=f"{words.left}<extra></extra>",
        showlegend=True,
    )
    figure.update_layout(
        height=max(200, 118 + 24 * min(n_slots, 30)),
        margin={"l": 0, "r": 0, "t": 36, "b": 0},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        xaxis={"title": words.step, "dtick": max(1, round(len(steps) / 8))},
        yaxis={"title": words.slot, "autorange": "reversed"},
    )
    return figure
