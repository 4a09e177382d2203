"""kv.cache_view: what it sends and refuses, its scales, and where and when it draws."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.kvfront.test_frontend_logic import pytestmark as needs_node
from tests.kvfront.test_frontend_logic import run
from tests.ui.made_up import rows
from tests.unfolding import unfold


def page(**changes: object) -> None:
    """A page with a cache view of three tokens and two kv heads, showing two of four layers."""
    import numpy as np

    from tests.ui.made_up import TOKENS, made_up, rows, step
    from ui.figures import cache_view as figure
    from ui.record.record import Model, Rule
    from ui.visit.drawing import draw_figure

    state: dict = {"layer": 3, "head": 2, "run": "7"}
    shown = {name: changes.pop(name, state[name]) for name in state}
    values: dict = {
        "model": Model(n_layers=4, n_heads=4, n_kv_heads=2, head_dim=4),
        "rules": [Rule(True, None, 0)] * 4,
        "steps": [step("decode", 2, 1, dropped=TOKENS[:2])],
        "q": rows(1, 1, 4, 4, layers=(3,), start=2),
        "k": rows(3, 2, 2, 4, layers=(1, 3)),
        "v": rows(3, 2, 2, 4, layers=(1, 3)),
        "k_lengths": np.ones((3, 4), np.float32),
    }
    text = dict.fromkeys(figure.words("en"), "x")
    block = figure.cache_view_block(made_up(**values | changes), text=text, **shown)
    draw_figure("cache_view", block, key="figure")


def opened(**changes: Any) -> AppTest:
    return AppTest.from_function(page, kwargs=changes, default_timeout=30).run()


def test_one_block_carries_the_whole_picture() -> None:
    at = opened()
    assert not at.exception
    (element,) = at.get("bidi_component")
    meta, arrays = unfold(element.proto.bytes)
    assert (meta["start"], len(meta["dropped"]), meta["run"]) == (2, 2, "7")
    assert (meta["n_layers"], meta["n_kv_heads"], meta["head_dim"]) == (4, 2, 4)
    assert arrays["weights"].shape == (3,)
    # A token's rows lie together, layer by layer and kv head by kv head: (S, N, Hkv, D).
    np.testing.assert_array_equal(arrays["k"], rows(3, 2, 2, 4).values)
    assert meta["shown"] == [1, 3]


@pytest.mark.parametrize(
    ("changes", "both"),
    [
        ({"steps": []}, "0 steps: the cache after one is drawn"),
        ({"head": 4}, r"layer 3, head 4 of q is not in the record.*heads \[0, 1, 2, 3\]"),
        ({"layer": 2}, r"layer 2, head 2 of q is not in the record, which has layers \[3\]"),
    ],
)
def test_a_caller_s_mistake_is_named_with_both_numbers(changes: dict, both: str) -> None:
    with pytest.raises(ValueError, match=both):
        page(**changes)


SCALE = 'const {fullScale} = await import("./shared/scale.js");'


@needs_node
def test_the_colour_scale_of_what_is_held_stays_when_a_token_comes() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3, 16)).astype(np.float32)
    scales = set(
        run(
            f"{SCALE} const rows = new Float32Array({rows.ravel().round(4).tolist()});"
            "tell(Array.from({length: 36}, (_, i) => fullScale(rows.subarray(0, (i + 5) * 48))))"
        )
    )
    assert len(scales) == 1
    (full,) = scales
    assert np.mean(np.abs(rows) <= full) >= 0.98


@needs_node
def test_a_scale_is_a_round_number_and_never_zero() -> None:
    sizes = [0, 1e-5, 0.7, 1, 1.01, 4.9, 50, 7.5]
    got = run(f"{SCALE} tell({sizes}.map((x) => fullScale(new Float32Array(8).fill(-x))))")
    assert got == pytest.approx([1, 1e-5, 0.7, 1, 1.5, 5, 50, 10])


LAYOUT = """
const {layout, way, columnAt} = await import("./figures/cache_view/layout.js");
const ctx = {measureText: (text) => ({width: 7 * text.length}), font: ""};
const lay = (words, available) => layout(ctx, available, {
  tokens: words.map((text) => ({text, space: false, part: 1, parts: 1})),
  shown: [13], layer: 13, heads: [0, 1, 2], kvHead: 1, headDim: 64, nLayers: 30, family: "serif",
  ratio: 1});
"""


@needs_node
def test_tokens_read_as_text_while_they_fit_and_then_lean_and_then_stand() -> None:
    got = run(
        LAYOUT + "tell([6, 20, 30, 192].map((n) => lay(Array(n).fill('token'), 440))"
        ".map((g) => [g.angle, Math.min(...g.columns.map((c) => c.width)), g.width]))"
    )
    flat, leaning, standing, many = (angle for angle, _, _ in got)
    assert flat == 0 > leaning > standing == many
    assert all(width >= 12 for _, width, _ in got)
    assert got[0][2] == 440  # what is not full leaves room for what is not written yet
    assert got[3][2] > 192 * 12  # scrolls in its own box


@needs_node
def test_all_labels_of_a_row_stand_at_one_angle() -> None:
    """Short ones too: a flat comma between two leaning words would lie across the first."""
    angles = run(
        LAYOUT + "const {paintColumn} = await import('./figures/cache_view/paint.js');"
        "const words = ['The', ',', 'captain', '猫', 'a', 'harpooneer', '.', '我'];"
        "const painted = (n, room) => {"
        " const all = Array.from({length: n}, (_, i) => words[(i * i + n) % words.length]);"
        " const g = lay(all, room), angles = [];"
        " const pen = {measureText: ctx.measureText, rotate: (angle) => angles.push(angle)};"
        " const any = new Proxy(pen, {get: (at, name) => at[name] ?? (() => {})});"
        " const column = {nRows: 0, k: {}, v: {}};"
        " all.forEach((_, i) => paintColumn(any, {...g, pairs: []}, {}, column, i));"
        " return [...new Set(angles)]; };"
        "tell([2, 5, 8, 13, 24, 40, 90, 128].flatMap((n) => [300, 440, 736, 1200]"
        ".map((room) => painted(n, room))))"
    )
    assert all(len(each) == 1 for each in angles)
    assert {round(each[0], 2) for each in angles} == {0, -0.79, -1.57}


@needs_node
def test_a_line_of_single_characters_is_never_turned() -> None:
    got = run(
        LAYOUT + "tell([5, 20, 60].map((n) => lay(Array(n).fill('猫'), 440))"
        ".map((g) => [g.angle, Math.max(...g.labels.map((l) => l.font))]))"
    )
    assert all(angle == 0 and font <= 13 for angle, font in got)


@needs_node
def test_pieces_of_one_character_stand_under_it_and_broken_bytes_alone() -> None:
    got = run(
        LAYOUT + "const token = (text, part, parts) => ({text, part, parts, space: false});"
        "const tokens = [token('a', 1, 1), token('猫', 1, 2), token('猫', 2, 2),"
        " token('猫', 1, 2), token('猫', 2, 2), token('☃', 1, 3)];"
        "const g = layout(ctx, 440, {tokens, shown: [13], layer: 13, heads: [0, 1, 2], kvHead: 1,"
        " headDim: 64, nLayers: 30, family: 'serif', ratio: 1});"
        "tell(g.labels.map((l) => [l.token.text, l.token.parts, l.from, l.to]))"
    )
    assert got == [["a", 1, 0, 1], ["猫", 1, 1, 3], ["猫", 1, 3, 5], ["☃", 3, 5, 6]]


@needs_node
def test_strips_never_overlap_and_the_kv_head_that_is_read_comes_first() -> None:
    got = run(
        LAYOUT + "const g = lay(Array(192).fill('a'), 440);"
        "tell({edges: g.columns.flatMap((c) => [c.k, c.k + g.strip, c.v, c.v + g.strip]),"
        " heads: g.pairs.map((b) => b.head), units: g.pairs.map((b) => b.unit)})"
    )
    assert got["edges"] == sorted(got["edges"])
    assert got["heads"] == [1, 0, 2]
    assert all(unit == int(unit) for unit in got["units"])  # a value is a whole number of pixels


@needs_node
def test_every_number_of_a_small_cache_has_its_place_and_the_layer_that_is_read_comes_first() -> (
    None
):
    got = run(
        LAYOUT
        + "const g = layout(ctx, 440, {tokens: [{text: 'a', space: false, part: 1, parts: 1}],"
        " shown: [0, 1, 2, 3], layer: 2, heads: [0, 1], kvHead: 1, headDim: 32, nLayers: 4,"
        " family: 'serif', ratio: 1});"
        "tell({pairs: g.pairs.map((b) => [b.layer, b.head, b.row, b.unit]), map: g.map,"
        " tops: g.pairs.flatMap((b) => [b.top, b.top + b.height]), height: g.height})"
    )
    layers = [[layer, head] for layer, head, _, _ in got["pairs"]]
    assert layers == [[2, 1], [2, 0], [0, 0], [0, 1], [1, 0], [1, 1], [3, 0], [3, 1]]
    assert sorted(row for _, _, row, _ in got["pairs"]) == list(range(8))
    assert all(row == 2 * layer + head for layer, head, row, _ in got["pairs"])
    assert all(unit >= 1 for *_, unit in got["pairs"])
    assert got["tops"] == sorted(got["tops"])
    assert got["tops"][-1] <= got["height"]
    assert got["map"] is None, "a map beside the whole cache would say nothing"


@needs_node
def test_the_newest_query_reaches_left_and_never_right() -> None:
    got = run(
        LAYOUT + "const g = lay(['a', 'b', 'c', 'd'], 440);"
        "tell({xs: g.columns.flatMap((_, to) => way(g, to).map((p) => p[0])), end: g.end})"
    )
    assert max(got["xs"]) < got["end"]


@needs_node
def test_q_comes_first_brings_z_back_and_is_gone_at_the_end() -> None:
    got = run(
        'const {momentAt, LASTING} = await import("./figures/cache_view/motion.js");'
        "tell(Array.from({length: 101}, (_, i) => momentAt(i * LASTING / 100)))"
    )
    assert [m["still"] for m in got] == sorted(m["still"] for m in got)
    assert got[0]["q"] == 1 and got[0]["reach"] == 0
    assert all(m["reach"] == 1 for m in got if m["z"] > 0)
    assert max(m["z"] for m in got) > 0.9
    assert got[-1]["q"] == got[-1]["z"] == 0
