"""Which sequence holds which block of a pool, and where two hold the same one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from kvcore.figures.colours import ATTENTION
from kvcore.records.trace import PagedSnapshot

# One a sequence: those of Okabe and Ito that do not stand for q, k, v or waste elsewhere.
COLOURS = (ATTENTION, "#56B4E9", "#F0E442")
SHARED = "#4D4D4D"
WASTED = "#EFEFEF"  # taken, and no token in it
MOST_TEXTS = 1000  # cells; more cannot be read


@dataclass(frozen=True, kw_only=True)
class BlockWords:
    """The figure's words, in the reader's language.

    `cell` has plotly's slots %{x} (slot in the block), %{y} (block), %{text} (position) and
    %{customdata} (who holds it); `empty` the same without a position.
    """

    block: str
    slot: str
    shared: str  # legend: more than one sequence holds the block
    wasted: str  # legend: the slot is taken, and no token lies in it
    cell: str
    empty: str


def block_map(
    snapshots: Sequence[PagedSnapshot], names: Sequence[str], words: BlockWords
) -> go.Figure:
    """A row a block of the pool, a column a slot, the position in it as text; free is a gap.

    `snapshots` are those of the pool's sequences at one moment, `names` what to call them. A block
    has its sequence's colour, or the one for shared ones. Sequences that share a block may have
    filled it to different slots: a slot is wasted when none has a token in it.

    Raises ValueError for no sequence, and for more or fewer names than sequences.
    """
    if not snapshots or len(names) != len(snapshots):
        raise ValueError(
            f"{len(names)} names for {len(snapshots)} sequences: give one for each of at least one"
        )
    size = snapshots[0].block_size
    n_blocks = max(max(found.block_table, default=-1) for found in snapshots) + 1
    pos = np.full((n_blocks, size), -1)
    kind = np.full(n_blocks, np.nan)  # which entry of `legend` a block is; none when it is free
    holders: list[list[str]] = [[] for _ in range(n_blocks)]
    for i, (name, found) in enumerate(zip(names, snapshots, strict=True)):
        slots = found.slot_pos.reshape(-1, size)[:n_blocks]
        pos[: len(slots)] = np.maximum(pos[: len(slots)], slots)
        for block in found.block_table:
            holders[block].append(name)
            kind[block] = i if len(holders[block]) == 1 else len(names)
    legend = [(name, COLOURS[i % len(COLOURS)]) for i, name in enumerate(names)]
    legend += [(words.shared, SHARED), (words.wasted, WASTED)]
    cells = np.where(
        pos >= 0, kind[:, None], np.where(np.isnan(kind)[:, None], np.nan, len(names) + 1)
    )
    held_by = np.broadcast_to(np.array([", ".join(who) for who in holders])[:, None], pos.shape)

    figure = go.Figure()
    for i, (name, colour) in enumerate(legend):
        template = words.empty if i == len(legend) - 1 else words.cell
        figure.add_heatmap(
            z=np.where(cells == i, 1.0, np.nan),
            colorscale=[[0, colour], [1, colour]],
            showscale=False,
            hoverongaps=False,
            text=np.where((cells == i) & (pos >= 0), pos.astype(str), ""),
            texttemplate="%{text}" if pos.size <= MOST_TEXTS else None,
            customdata=held_by,
            hovertemplate=f"{template}<extra></extra>",
            xgap=1,
            ygap=4,
        )
        figure.add_scatter(
            x=[None],
            y=[None],
            name=name,
            mode="markers",
            marker={"symbol": "square", "color": colour, "size": 12},
        )
    figure.update_layout(
        height=max(200, 118 + 26 * n_blocks),
        margin={"l": 0, "r": 0, "t": 36, "b": 0},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        xaxis={"title": words.slot, "dtick": max(1, round(size / 8)), "showgrid": False},
        yaxis={
            "title": words.block,
            "autorange": "reversed",
            "dtick": max(1, round(n_blocks / 16)),
            "showgrid": False,
        },
    )
    return figure
