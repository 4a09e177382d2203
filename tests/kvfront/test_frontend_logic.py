"""The figures' own arithmetic, run by node: colours, numbers, and what each stage shows."""

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kvcore.text.labels import named
from ui.figures import cache_view

KVFRONT = Path(__file__).parents[2] / "kvfront"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")

# A page of either theme, as the palette reads it.
THEMES = {"light": ("#ffffff", "#1f2328"), "dark": ("#111418", "#f0f0f0")}


def run(source: str, theme: str = "light") -> Any:
    """Run a module that has `p` (the palette), and return what it hands to `tell`."""
    paper, ink = THEMES[theme]
    head = f"""
        const vars = {{"--st-background-color": "{paper}", "--st-text-color": "{ink}"}};
        globalThis.getComputedStyle = () => ({{ getPropertyValue: (name) => vars[name] ?? "" }});
        const tell = (value) => console.log(JSON.stringify(value));
        const color = await import("./shared/color.js");
        const p = color.palette({{}});
    """
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", head + source],
        capture_output=True,
        check=False,
        text=True,
        cwd=KVFRONT,
        timeout=30,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def luminance(rgb: list[float]) -> float:
    parts = [c / 255 for c in rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: list[float], b: list[float]) -> float:
    high, low = sorted([luminance(a), luminance(b)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_coloured_word_can_be_read_on_the_page(theme: str) -> None:
    got = run(
        "const ink = Object.entries({...p.ink, muted: p.muted});"
        "tell({paper: p.paper, ink: Object.fromEntries("
        "ink.map(([n, c]) => [n, color.rgbOf(c)]))})",
        theme,
    )
    ratios = {name: contrast(rgb, got["paper"]) for name, rgb in got["ink"].items()}
    assert min(ratios.values()) >= 4.5, ratios


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("hue", ["attention", "q", "k", "v", "redo"])
def test_a_larger_value_is_always_further_from_the_paper(theme: str, hue: str) -> None:
    got = run(f"tell(Array.from(color.sequential(p, '{hue}')))", theme)
    colours = [got[4 * i : 4 * i + 3] for i in range(256)]
    away = [contrast(colour, colours[0]) for colour in colours]
    assert away[255] > 2.5
    # Colours are whole numbers: a step may stand still, or slip by less than the eye can see.
    assert all(b >= a - 0.02 for a, b in pairwise(away))


@pytest.mark.parametrize("theme", THEMES)
def test_zero_is_paper_on_a_diverging_scale_and_its_ends_differ(theme: str) -> None:
    got = run("tell({table: Array.from(color.diverging(p, 'k')), paper: p.paper})", theme)
    table = [got["table"][4 * i : 4 * i + 3] for i in range(256)]
    for middle in (table[127], table[128]):
        assert max(abs(a - b) for a, b in zip(middle, got["paper"], strict=True)) <= 4
    assert sum(abs(a - b) for a, b in zip(table[0], table[255], strict=True)) > 100


def test_numbers_keep_a_true_minus_and_never_round_a_value_to_zero() -> None:
    got = run(
        'const {number, brief} = await import("./shared/format.js");'
        "tell([0, 0.314, -3.456, 12.34, -123.4, 0.004, 0.00002, -0.00002].map((x) => number(x))"
        ".concat([0, 0.0051, 0.001, -0.5].map((x) => brief(x))))"
    )
    whole = ["0.00", "0.31", "−3.46", "12.3", "−123", "0.0040", "2.0×10⁻⁵", "−2.0×10⁻⁵"]
    assert got == [*whole, "0.00", "0.01", "≈0", "−0.50"]


def test_a_masked_cell_is_a_gap_and_a_weight_of_zero_is_a_cell() -> None:
    got = run(
        'const {colours} = await import("./shared/heat/cells.js");'
        "const view = {values: new Float32Array([1, 0, 0, 1]), scale: 'sequential', low: 0,"
        " high: 1, mask: new Uint8Array([1, 0, 1, 1])};"
        "tell(Array.from(colours(view, {rows: 2, cols: 2}, p)).filter((_, i) => i % 4 === 3))"
    )
    assert got == [255, 0, 255, 255]


RUN = (
    'const {viewOf} = await import("./figures/matrix/stages.js");'
    "const run = {scores: new Float32Array(9), weights: new Float32Array(9),"
    " mask: new Uint8Array(9), reach: 1, count: 3};"
)


def test_scores_are_shown_before_the_mask_and_weights_after_it() -> None:
    got = run(
        RUN + "tell([1,2,3,4,5,6,7].map((s) => [viewOf(s, run).scale, !!viewOf(s,run).mask]))"
    )
    assert got == [["diverging", False]] * 4 + [["sequential", True]] * 3


def test_each_step_lights_what_it_speaks_of() -> None:
    lit = "(s) => [0,1,2].map((i) => [0,1,2].map((j) => viewOf(s, run).strength(i, j) === 1))"
    row, column, deleted = run(RUN + f"const lit = {lit}; tell([3, 4, 7].map(lit))")
    assert row == [[False] * 3, [False] * 3, [True] * 3]
    assert column == [[False, False, True]] * 3
    assert deleted == [[False] * 3, [False] * 3, [True] * 3]


def test_old_q_is_gone_after_the_mask_and_comes_back_only_to_be_struck_out() -> None:
    got = run(
        'const {lookOf} = await import("./figures/matrix/stages.js");'
        "tell([[5, false], [6, false], [7, false], [7, true], [4, false]]"
        ".map(([s, q]) => lookOf(s, {q, k: null, v: null}).q > 0))"
    )
    assert got == [False, False, False, True, True]


def test_without_a_cache_old_rows_are_computed_again_and_with_one_they_are_not() -> None:
    got = run(
        'const {recomputeView, cachedView} = await import("./figures/growth/views.js");'
        "const arrays = {weights: {data: []}, mask: {data: []}};"
        "const step = {start: 2, fed: 1};"
        "const rows = [0, 1, 2, 3];"
        "tell({again: rows.map((i) => recomputeView(arrays, step).hueOf(i) === 'redo'),"
        " square: rows.map((i) => !recomputeView(arrays, step).empty(i, 0)),"
        " cached: rows.map((i) => !cachedView(arrays, step).empty(i, 0)),"
        " future: cachedView(arrays, step).empty(2, 3)})"
    )
    assert got["again"] == [True, True, False, False]
    assert got["square"] == [True, True, True, False]
    assert got["cached"] == [False, False, True, False]
    assert got["future"]


def test_a_token_has_one_name_in_python_and_in_the_browser() -> None:
    labels = [("the", True, 1, 1), ("the", False, 1, 1), ("猫", True, 2, 3), ("␣␣", True, 1, 1)]
    tokens = [dict(zip(("text", "space", "part", "parts"), each, strict=True)) for each in labels]
    got = run(
        "const {inWords, tokenName} = await import('./shared/tokens.js');"
        f"const names = {json.dumps(tokens)}.map(tokenName);"
        "tell([names, names.map((name) => inWords(name, 'space'))])"
    )
    assert got[0] == [named(*each) for each in labels] == ["␣the", "the", "␣猫 2/3", "␣␣␣"]
    assert got[1] == ["space the", "the", "space 猫 2/3", "space space space "]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Tokens reused: 1. Tokens computed: 1. Fell away: ‘man’ ‘␣sea’"),
        ("zh", "复用 1 个词元，新算 1 个。 已丢弃：“man” “␣sea”"),
    ],
)
def test_what_a_step_did_is_said_in_the_marks_of_the_language(lang: str, said: str) -> None:
    dropped = [{"text": "man"}, {"text": "sea", "space": True}]
    meta = {"tokens": [0, 1], "start": 1, "dropped": dropped, "text": cache_view.words(lang)}
    script = "const {summary} = await import('./figures/cache_view/words.js');"
    assert run(f"{script}tell(summary({json.dumps(meta)}))") == said


def test_a_k_that_is_put_to_zero_is_a_strip_of_zeros_above_a_column_that_stays() -> None:
    """A token with a k of zeros keeps a score and its v: no line goes down through its column."""
    lines, strip, k, top = run(
        """
        const {paintDeleted, places} = await import("./figures/matrix/paint.js");
        const g = {left: 100, top: 100, rows: 3, cols: 3, cellW: 30, cellH: 30, narrow: false};
        const ys = [], filled = [];
        const ctx = {
          beginPath() {}, stroke() {}, strokeRect() {},
          moveTo: (x, y) => ys.push(y), lineTo: (x, y) => ys.push(y),
          fillRect(...box) { filled.push([this.fillStyle, ...box]); },
        };
        paintDeleted(ctx, g, p, {q: false, k: 1, v: null}, places(g));
        tell([ys, filled, places(g).k(1), g.top]);
        """
    )
    assert max(lines) < top
    assert strip == [[THEMES["light"][0], k["x"], k["y"], k["w"], k["h"]]]
