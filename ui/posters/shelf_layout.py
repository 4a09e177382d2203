"""Where everything lies, as kvfront/figures/shelf/layout.js has it on a page of one width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ui.figures.numbers.record import Meta
from ui.posters.canvas import FONT
from ui.posters.labels import Token, measure
from ui.still.room import wide

NARROW: Final = 400
SIDE: Final = 72  # names of the lines, at the left
LEAST: Final = (46, 34, 26)  # widths of a short word's column
NARROWEST: Final = 12
TAIL: Final = 24  # what has not been written yet always shows, at the right
LABEL: Final = 56  # the longest label that is not flat


@dataclass(frozen=True)
class Board:
    """The shelf of one kv head; `row` is its place among all that a token left."""

    layer: int
    head: int
    row: int
    top: float
    height: float


@dataclass(frozen=True)
class Label:
    """Names the columns from `start` up to `stop`: several for the pieces of one character."""

    token: Token
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The columns with the middles of their two strips, the boards, and what lies above them."""

    font: float
    labels: Sequence[Label]
    widths: Sequence[float]
    middles: Sequence[float]
    angle: float
    strip: float
    gap: float
    label_base: float
    q_top: float
    q_height: float
    weights: float
    boards: Sequence[Board]
    map_top: float
    map_line: float
    end: float  # right of the newest column
    width: float
    height: float

    @property
    def k(self) -> list[float]:
        """The middles of the strips of K."""
        return [middle - (self.gap + self.strip) / 2 for middle in self.middles]

    @property
    def v(self) -> list[float]:
        """The middles of the strips of V."""
        return [middle + (self.gap + self.strip) / 2 for middle in self.middles]

    def span(self, start: int, stop: int) -> tuple[float, float]:
        """The left edge and the width of the strips of some columns."""
        left = self.k[start] - self.strip / 2
        return left, self.v[stop - 1] + self.strip / 2 - left


def layout(meta: Meta) -> Shelf:
    """Lay out a block of kv.shelf as `fitting` leaves it."""
    tokens, dim = meta["tokens"], int(meta["head_dim"])
    labels = _named(tokens)
    widths, angle, tail = _widths(labels, len(tokens))
    thinnest = min(widths)
    gap, side = (1, 1) if thinnest < 20 else (2, 1.5) if thinnest < 30 else (3, 3)
    strip = max(3, min(16, math.floor((thinnest - gap) / 2 - side)))
    lefts = [SIDE + 2 + sum(widths[:i]) for i in range(len(tokens))]

    def tall(height: int) -> int:
        return max(1, height // dim) * dim

    label_base = FONT + 12.0 if not angle else 58.0
    q_top, q_height = label_base + 3, tall(64)
    weights = q_top + q_height + 20
    top = weights + 11
    boards = []
    alone = len(meta["shown"]) == 1
    pairs = [(each, head) for each in meta["shown"] for head in meta["heads"]]
    for i, (layer, head) in enumerate(_order(pairs, meta["layer"], meta["kv_head"])):
        near = layer == meta["layer"]
        height = tall((128 if alone else 96) if not i else 64 if near else 32)
        if not near and head == 0:
            top += 7  # each layer stands a little apart
        row = pairs.index((layer, head))
        boards.append(Board(layer, head, row, top, height))
        top += height + 10
    line = max(3, min(8, 120 // meta["n_layers"]))
    mapped = len(meta["shown"]) < meta["n_layers"]
    end = lefts[-1] + widths[-1]
    return Shelf(
        font=min(FONT, thinnest - 1),
        labels=labels,
        widths=widths,
        middles=[left + width / 2 for left, width in zip(lefts, widths, strict=True)],
        angle=angle,
        strip=strip,
        gap=gap,
        label_base=label_base - 6,
        q_top=q_top,
        q_height=q_height,
        weights=weights,
        boards=boards,
        map_top=top + 8 if mapped else 0,
        map_line=line,
        end=end,
        width=max(NARROW, math.ceil(end + tail)),
        height=top + 8 + meta["n_layers"] * line if mapped else top,
    )


def _widths(labels: Sequence[Label], n_tokens: int) -> tuple[list[float], float, float]:
    """The width of each column, how the labels are turned, and the room right of the last."""
    tail: float = TAIL
    room = wide(n_tokens, NARROWEST, SIDE + TAIL) - SIDE
    for least in LEAST:  # as long as the tokens read as a line of text
        widths = [
            max(least, (measure(label.token, FONT) + 9) / (label.stop - label.start))
            for label in labels
            for _ in range(label.start, label.stop)
        ]
        if sum(widths) + tail <= room:
            return [math.ceil(width) for width in widths], 0, tail
    width = min(26, (room - tail) // n_tokens)
    turned = [
        label
        for label in labels
        if measure(label.token, FONT) > (label.stop - label.start) * width - 2
    ]
    if all(_single(label.token) for label in turned):  # such a one shrinks a little
        return [width] * n_tokens, 0, tail
    if width < 17:
        return [max(NARROWEST, width)] * n_tokens, -90, tail
    for label in labels[-4:]:  # the last labels lean out to the right
        lean = min(LABEL, measure(label.token, FONT)) * math.sqrt(0.5) + FONT
        tail = max(tail, lean - (n_tokens - label.start - 0.5) * width)
    return [min(width, (room - tail) // n_tokens)] * n_tokens, -45, tail


def _single(token: Token) -> bool:
    return len(token["text"]) == 1 and not token["space"] and token["parts"] == 1


def _order(pairs: list[tuple[int, int]], layer: int, kv_head: int) -> list[tuple[int, int]]:
    """From top to bottom: the kv head that is read, the rest of its layer, the other layers."""
    return sorted(pairs, key=lambda pair: (pair[0] != layer, pair != (layer, kv_head)))


def _named(tokens: Sequence[Token]) -> list[Label]:
    """Tokens that are pieces of one character stand together under it."""
    labels = []
    start = 0
    while start < len(tokens):
        first = tokens[start]
        stop = start + 1
        while (
            first["parts"] > 1
            and stop < len(tokens)
            and tokens[stop]["text"] == first["text"]
            and tokens[stop]["part"] == first["part"] + stop - start
        ):
            stop += 1
        whole = stop - start == first["parts"]
        token = {**first, "part": 1, "parts": 1} if whole else first
        labels.append(Label(token, start, stop))
        start = stop
    return labels
