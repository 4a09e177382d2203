"""What stands around the matrix: Q at the left of its rows, Kᵀ on top, and below a · V = z."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ui.numbers.record import Arrays, Meta
from ui.posters import cells
from ui.posters.canvas import Canvas, number, width_of
from ui.posters.heat import brief, faded
from ui.posters.heat_layout import Heat
from ui.posters.strips import Rack, bold, draw_strips, full_of, strike

LENGTH: Final = 64  # of a barcode
BARS: Final = 38  # height of the shares
THICK: Final = 24  # a barcode is a strip, however wide its column


@dataclass(frozen=True)
class Look:
    """How strong the old barcodes are at a step, the newest token's, the shares and z."""

    q: float
    new_q: float
    k: float
    new_k: float
    v: float
    new_v: float
    bars: float = 0
    z: float = 0
    question: float = 0


# Those of kvfront/figures/matrix/stages.js: a test holds the two together.
LOOKS: Final = {
    1: Look(0.16, 1, 0.16, 1, 0.16, 1),
    2: Look(1, 1, 1, 1, 0.16, 0.16),
    3: Look(0.14, 1, 1, 1, 0.16, 0.16),
    4: Look(0.5, 1, 0.14, 1, 0.16, 0.16, question=1),
    5: Look(0, 1, 1, 1, 0.16, 0.16),
    6: Look(0, 1, 0.4, 0.4, 1, 1, bars=1, z=1),
    7: Look(0, 1, 1, 1, 1, 1, bars=1, z=1),
}


def paint_around(canvas: Canvas, g: Heat, meta: Meta, arrays: Arrays) -> None:
    """Everything around the cells, at the step that the block names."""
    look = LOOKS[meta["stage"]]
    deleted = meta["deleted"] if meta["stage"] == 7 else {"q": False, "k": None, "v": None}
    racks = _racks(g)
    for letter, old, new in (
        ("q", 0.4 if deleted["q"] else look.q, look.new_q),
        ("k", look.k, look.new_k),
        ("v", look.v, look.new_v),
    ):
        values = arrays[letter]
        steps = cells.diverging(values, full_of(values), canvas.shades)
        rack = racks[letter]
        last = g.n - 1
        if old and last:
            with faded(canvas, old):
                draw_strips(canvas, steps[:last], letter, rack.part(0, last))
        with faded(canvas, new):
            draw_strips(canvas, steps[last:], letter, rack.part(last, g.n))
            bold(canvas, rack, last)
    if look.z:
        z = cells.diverging(arrays["z"][-1:], full_of(arrays["v"]), canvas.shades)
        draw_strips(canvas, z, "v", racks["z"])
        bold(canvas, racks["z"], 0)
        _paint_bars(canvas, g, racks["v"], arrays["weights"][-1])
    _paint_letters(canvas, g, look, racks)
    if deleted["q"]:
        strike(canvas, racks["q"], range(g.n - 1))
    if deleted["v"] is not None:
        strike(canvas, racks["v"], [deleted["v"]])
    if deleted["k"] is not None:
        strike(canvas, racks["k"], [deleted["k"]])


def _racks(g: Heat) -> dict[str, Rack]:
    thick = min(THICK, g.cell - (3 if g.cell >= 10 else 1 if g.cell >= 6 else 0))
    rows = [g.top + g.centre(i) for i in range(g.n)]
    cols = [g.left + g.centre(i) for i in range(g.n)]
    v_top = g.bottom + 22 + BARS + 6
    z = g.right + 30 + max(10, thick) / 2
    return {
        "q": Rack(at=rows, start=g.left - 6 - LENGTH, length=LENGTH, thick=thick, upright=False),
        "k": Rack(at=cols, start=g.top - 6 - LENGTH, length=LENGTH, thick=thick, upright=True),
        "v": Rack(at=cols, start=v_top, length=LENGTH, thick=thick, upright=True),
        "z": Rack(at=[z], start=v_top, length=LENGTH, thick=max(10, thick), upright=True),
    }


def _paint_bars(canvas: Canvas, g: Heat, rack: Rack, shares: cells.Floats) -> None:
    """The shares of the newest query, over the V that they weigh."""
    base = g.bottom + 22 + BARS
    most = float(shares.max()) or 1.0
    top = int(shares.argmax())
    bars = []
    for j, share in enumerate(shares.tolist()):
        x, _, w, _ = rack.box(j)
        tall = (BARS - 13) * share / most
        bars.append(f"M{number(x)} {base}v{number(-tall)}h{number(w)}v{number(tall)}z")
        if j == top or g.cell >= 30:
            canvas.text(
                x + w / 2, base - tall - 3, brief(share), 11, "attention-ink", text_anchor="middle"
            )
    canvas.path("".join(bars), canvas.fill("attention"))
    canvas.rect(g.left, base, g.n * g.cell, 1, canvas.fill("grid"))


def _paint_letters(canvas: Canvas, g: Heat, look: Look, racks: dict[str, Rack]) -> None:
    middle_k = g.top - 6 - LENGTH / 2
    middle_v = racks["v"].start + LENGTH / 2
    middle_bars = g.bottom + 22 + BARS - 10
    q_left = racks["q"].start

    def soft(*strengths: float) -> float:
        return max(0.35, *strengths)

    def write(strength: float, text: str, x: float, y: float, colour: str, **more: Any) -> None:
        if strength:
            with faded(canvas, strength):
                _letter(canvas, text, x, y, colour, **more)

    write(soft(look.q, look.new_q), "Q", q_left, g.top - 14, "q-ink")
    write(soft(look.k, look.new_k), "K", g.left - 8, middle_k, "k-ink", index="T", align=1)
    write(soft(look.v, look.new_v), "V", g.left - 8, middle_v, "v-ink", align=1)
    write(look.bars, "a", g.left - 8, middle_bars, "attention-ink", align=1)
    small = {"size": 14, "index": "n"}
    write(look.new_q, "q", q_left + LENGTH / 2, g.bottom + 12, "q-ink", align=0.5, **small)
    after = g.right + 7
    write(float(look.new_k >= 1), "k", after, middle_k, "k-ink", **small)
    write(look.new_v * (1 - look.z), "v", after, middle_v, "v-ink", **small)
    write(look.z, "=", after, middle_v, "muted", size=14)
    write(look.z, "z", racks["z"].at[0], middle_bars, "v-ink", align=0.5, **small)
    if look.question and g.n > 1:
        canvas.text(
            q_left + LENGTH / 2,
            g.top + (g.n - 1) * g.cell / 2 + 11,
            "?",
            32,
            "q-ink",
            text_anchor="middle",
            font_weight=700,
        )


def _letter(
    canvas: Canvas,
    text: str,
    x: float,
    y: float,
    colour: str,
    *,
    size: float = 16,
    align: float = 0,
    index: str = "",
) -> None:
    """A letter with an optional index, as in a formula, its middle line at y."""
    look: dict[str, Any] = {"font_style": "italic", "font_weight": 600}
    width = width_of(text, size)
    small = size * 0.68
    left = x - align * (width + (width_of(index, small) + 1 if index else 0))
    base = y + size * 0.34
    canvas.text(left, base, text, size, colour, **look)
    if index:
        rise = -0.36 if index == "T" else 0.28
        canvas.text(left + width + 1, base + size * rise, index, small, colour, **look)
