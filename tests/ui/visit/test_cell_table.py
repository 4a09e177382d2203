"""One cell in numbers: a reader who works it out by hand from what is shown gets what is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

import kvcore
from tests.kvfront.test_frontend_logic import pytestmark as needs_node
from tests.kvfront.test_frontend_logic import run
from tests.opening import Open
from ui.figures.matrix import cell_words
from ui.language.units import fixed, significant
from ui.visit.cell import DIGITS, stages

TEXTS = [
    "The old man looked at the sea, and the sea was calm",
    "Call me Ishmael. Some years ago",
    "me me me me me me me me",
    "床前明月光，疑是地上霜。",
    "月月月月月月",
    "1+1=2, isn't it?",
]
SHOWN = re.compile(r"(−?)(∞|[\d.]+)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(text: str) -> tuple[float, float]:
    """A number as it is shown, and what 1 in its last digit is worth."""
    found = SHOWN.fullmatch(text)
    assert found, text
    sign, digits, power = found.groups()
    if digits == "∞":
        return -math.inf, 0
    scale = Decimal(10) ** int((power or "0").translate(PLAIN))
    last = scale * Decimal(10) ** int(Decimal(digits).as_tuple().exponent)
    return float(Decimal(digits) * scale) * (-1 if sign else 1), float(last)


def follows(text: str, worked_out: float) -> bool:
    shown, last = read(text)
    return (
        abs(shown - round(worked_out / last) * last) < 1.5 * last if last else shown == worked_out
    )


def check(cell: kvcore.Cell, lang: str) -> None:
    """Work every line out from the lines above it, as they are shown."""
    lines = stages(cell, cell_words(lang))
    dot, score, visible, masked, exp, weight = (number for _, number in lines)
    said = [what for what, _ in lines]
    n = len(cell.q)
    products = sum(float(fixed(x, DIGITS + 2).replace("−", "-")) for x in cell.products)
    assert follows(dot, products)
    assert follows(score, read(dot)[0] / math.sqrt(n))
    assert visible == cell_words(lang)["yes" if cell.visible else "no"]
    assert masked == (score if cell.visible else "−∞")
    inside = re.search(r"exp\((\S+) − \(?([^)]+)\)", said[4])
    assert inside
    assert inside[1] == masked
    power = read(masked)[0] - read(inside[2])[0]
    assert follows(exp, math.exp(power)) if cell.visible else exp == "0"
    total = re.search(r"\d+\.\d+", said[5])
    assert total
    assert follows(weight, read(exp)[0] / float(total[0])) if cell.visible else weight == "0"


def cells(decoder: kvcore.Decoder, text: str, layers: range) -> Iterator[kvcore.Cell]:
    """Every cell of a matrix in some heads of some layers."""
    ids = decoder.tokenizer.encode(text)
    step = decoder.engine.session().update(ids)
    for layer in layers:
        seen = kvcore.look(step, layer, queries="all")
        for head in range(0, decoder.config.n_heads, 2):
            for row in range(len(ids)):
                for col in range(len(ids)):
                    yield kvcore.cell(seen, head, row, col)


@pytest.mark.parametrize("text", TEXTS)
def test_every_line_of_a_cell_follows_from_the_lines_above_it(text: str) -> None:
    for cell in cells(kvcore.load(), text, range(4)):
        check(cell, "en")


@pytest.mark.parametrize("text", TEXTS[::2])
def test_it_does_so_on_the_second_model_too(text: str, smollm2_folder: object) -> None:
    for cell in cells(kvcore.load("smollm2"), text, range(0, 30, 10)):
        check(cell, "zh")


@pytest.mark.parametrize(
    ("lang", "line"), [("en", "the score after the mask"), ("zh", "掩码之后的分数")]
)
@pytest.mark.parametrize("step", ["2", "5", "6"])
def test_the_score_of_a_masked_cell_is_set_to_minus_infinity(
    site: Open, lang: str, line: str, step: str
) -> None:
    app = site("why_not_q.py", lang=lang, step=step, view="1.3")
    table = next(each.value for each in app.markdown if line in each.value)
    assert f"| {line} | −∞ |" in table
    assert re.search(r"\| exp\(−∞ − [^|]+ \| 0 \|", table)
    assert table.endswith("| 0 |")
    app = site("why_not_q.py", lang=lang, step=step, view="3.1")
    table = next(each.value for each in app.markdown if line in each.value)
    assert "∞" not in table


@needs_node
def test_the_browser_writes_a_number_as_the_page_does() -> None:
    drawn = np.random.default_rng(0)
    values = [0, 1, 0.99996, -0.00001, 9.9996e-5, *(10.0 ** -drawn.uniform(0, 30, 200)).tolist()]
    got = run(
        'const {fixed, significant} = await import("./shared/format.js");'
        f"const all = {values};"
        "tell(all.map((x) => fixed(x, 4)).concat(all.map((x) => fixed(-x * 1e3, 3)),"
        " all.map((x) => significant(Math.abs(x), 3))))"
    )
    assert got == [
        *(fixed(x, 4) for x in values),
        *(fixed(-x * 1e3, 3) for x in values),
        *(significant(abs(x), 3) for x in values),
    ]
