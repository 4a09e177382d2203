"""The numbers behind the figures, as files that other programs read."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

import kvcore
from kvcore import likeliest, step_cost
from tests.opening import Open
from tests.unfolding import unfold
from ui.figures import numbers, sheet
from ui.record.labels import name, sent
from ui.record.pack import pack
from ui.served import host, runs

PROMPT = "The old man and the sea"


def block_of(app: Any, figure: str) -> bytes:
    """The bytes that a page sent to the browser for a figure."""
    (block,) = (
        each.proto.bytes
        for each in app.get("bidi_component")
        if each.proto.js_source_path.startswith(f"figures/{figure}/live.js")
    )
    return bytes(block)


def table(data: bytes) -> dict[str, list[str]]:
    """A CSV file by its columns."""
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def written(decoder: kvcore.Decoder, tokens: list[int]) -> list[str]:
    """Tokens as a file has them."""
    labels = sent([decoder.tokenizer.labels([token])[0] for token in tokens])
    return table(sheet.write([["token"], *([name(label)] for label in labels)]))["token"]


def floats(column: list[str]) -> np.ndarray:
    return np.array([float(value) if value else np.nan for value in column])


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (2, 5)])
def test_every_cell_of_the_matrix_is_the_engines(site: Open, layer: int, head: int) -> None:
    app = site("why_not_q.py", prompt=PROMPT, layer=str(layer), head=str(head))
    columns = table(numbers.csv("matrix", block_of(app, "matrix")))
    decoder = host.decoder("tiny")
    ids = tuple(decoder.tokenizer.encode(PROMPT))
    there = kvcore.look(runs.arrival(decoder, ids), layer, queries="all")
    at = (np.array(columns["query_pos"], int), np.array(columns["key_pos"], int))
    assert len(set(zip(*at, strict=True))) == len(ids) ** 2
    # The model sums in 32 bits, and who reads its rows in 64.
    near = {"rtol": 2e-5, "atol": 2e-6}
    np.testing.assert_allclose(floats(columns["score"]), there.scores[head][at], **near)
    weights = np.where(there.mask, there.weights[head], np.nan)[at]
    np.testing.assert_allclose(floats(columns["weight"]), weights, **near)
    assert columns["masked"] == ["false" if seen else "true" for seen in there.mask[at]]
    assert "".join(columns["key"][: len(ids)]) == PROMPT.replace(" ", "␣")


def test_a_file_brings_back_the_very_float_that_was_written() -> None:
    scores = np.array([0.1, -1 / 3, 1e-30, 12345.678], np.float32)
    columns = table(sheet.write([["score"], *([score] for score in scores)]))
    np.testing.assert_array_equal(np.array(columns["score"], np.float32), scores)


def test_every_step_of_the_growth_is_the_engines(site: Open) -> None:
    app = site("growth.py", prompt=PROMPT)
    columns = table(numbers.csv("growth", block_of(app, "growth")))
    decoder = host.decoder("tiny")
    ids = tuple(decoder.tokenizer.encode(PROMPT))
    steps = runs.written(decoder, ids, 16).steps
    assert columns["step"] == [str(step.index) for step in steps]
    assert columns["tokens_fed"] == [str(step.fed) for step in steps]
    assert columns["held_bytes"] == [str(step.cache.held_bytes) for step in steps]
    assert columns["first_pos"] == [str(step.start) for step in steps]
    read = [step_cost(step.model, fed=step.fed, seen=len(step.ids)).read_bytes for step in steps]
    assert columns["read_bytes"] == [str(n) for n in read]
    assert floats(columns["milliseconds"]).tolist() == [1e3 * step.seconds for step in steps]
    best = [likeliest(step, 8) for step in steps]
    for rank in range(8):
        there = [ranked[rank][1] for ranked in best]
        assert floats(columns[f"probability_{rank + 1}"]).tolist() == there
        tokens = [ranked[rank][0] for ranked in best]
        assert columns[f"next_{rank + 1}"] == written(decoder, tokens)
    assert columns["chosen"] == columns["next_1"]


@pytest.mark.parametrize(
    ("lang", "nothing", "counter"),
    [
        ("en", "This step read nothing from the cache yet", "read from the cache"),
        ("zh", "这一步还没有从缓存里读取任何东西", "从缓存读取"),
    ],
)
def test_all_pages_agree_that_a_prefill_reads_nothing_from_the_cache(
    site: Open, lang: str, nothing: str, counter: str
) -> None:
    app = site("growth.py", prompt=PROMPT, lang=lang)
    columns = table(numbers.csv("growth", block_of(app, "growth")))
    assert unfold(block_of(app, "growth"))[0]["text"]["read"] == counter
    read, held = (np.array(columns[f"{what}_bytes"], int) for what in ("read", "held"))
    assert read.tolist() == [0, *held[:-1]], "later all that was held before the step"
    app = site("home.py", prompt=PROMPT, lang=lang)
    assert any(caption.value.startswith(nothing) for caption in app.caption)


def test_every_token_of_the_cache_view_has_the_engines_weight(site: Open) -> None:
    app = site("home.py", prompt=PROMPT, layer="1", head="2")
    columns = table(numbers.csv("cache_view", block_of(app, "cache_view")))
    decoder = host.decoder("tiny")
    session = decoder.engine.session()
    step = host.scheduler.update(session, decoder.tokenizer.encode(PROMPT)).result()
    attention = kvcore.look(step, 1)
    n = len(step.ids)
    assert columns["kind"] == ["held"] * n + ["next"] * 8
    # Computed twice: a weight moves relatively as far as its score does absolutely, twice at most.
    np.testing.assert_allclose(floats(columns["weight"])[:n], attention.weights[2, -1], rtol=4e-4)
    assert "".join(columns["token"][:n]) == PROMPT.replace(" ", "␣")
    for layer, norms in enumerate(kvcore.key_norms(step)):
        column = floats(columns[f"k_length_layer_{layer}"])
        np.testing.assert_allclose(column[:n], norms, rtol=1e-5)
        assert np.isnan(column[n:]).all()
    lengths = np.linalg.norm(attention.k.transpose(1, 0, 2).reshape(n, -1), axis=1)
    np.testing.assert_allclose(floats(columns["k_length_layer_1"])[:n], lengths, rtol=1e-5)


def test_the_bars_of_the_cache_view_stand_where_the_next_token_would(site: Open) -> None:
    app = site("home.py", prompt=PROMPT)
    columns = table(numbers.csv("cache_view", block_of(app, "cache_view")))
    decoder = host.decoder("tiny")
    step = decoder.engine.session().update(decoder.tokenizer.encode(PROMPT))
    n, best = len(step.ids), likeliest(step, 8)
    assert columns["token"][n:] == written(decoder, [token for token, _ in best])
    assert columns["pos"] == [str(pos) for pos in [*range(n), *[n] * 8]]
    drawn = floats(columns["probability"])
    np.testing.assert_allclose(drawn[n:], [p for _, p in best], rtol=4e-4)  # as the logits move
    assert np.isnan(drawn[:n]).all()
    assert columns["weight"][n:] == [""] * 8


def test_every_token_of_the_race_has_the_times_that_were_measured(site: Open) -> None:
    app = site("timing.py", prompt=PROMPT, view="8x3")
    app.button(key="run").click().run()
    _asked, result = app.session_state["race_result"]
    columns = table(numbers.csv("race", block_of(app, "race")))
    n = len(result.new_ids)
    assert columns["lane"] == ["cached"] * 3 * n + ["recomputed"] * 3 * n
    assert columns["repeat"] == 2 * (["0"] * n + ["1"] * n + ["2"] * n)
    assert columns["step"] == [str(step) for step in range(n)] * 6
    measured = 1e3 * np.concatenate([result.cached, result.recomputed]).ravel()
    np.testing.assert_allclose(floats(columns["milliseconds"]), measured, rtol=1e-6)
    assert columns["phase"][:2] == ["prefill", "decode"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1+1"])
def test_no_label_is_a_formula_to_a_spreadsheet(text: str) -> None:
    ((field,),) = csv.reader(io.StringIO(sheet.write([[text]]).decode("utf-8-sig")))
    assert field == f"'{text}"


def test_a_negative_number_stays_a_number() -> None:
    assert sheet.write([[-1.5, np.float32(-0.1), -2]]) == b"-1.5,-0.1,-2\r\n"


@pytest.mark.parametrize("text", ['say "so"', "a,b", "a\nb", "a\r\nb", "月光", "👩‍👩‍👧", ""])
def test_any_label_comes_back_from_the_file(text: str) -> None:
    data = sheet.write([["token", "n"], [text, 1]])
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1] == [text, "1"]


def test_only_a_table_that_excel_would_misread_has_a_mark() -> None:
    assert not sheet.write([["moon"]]).startswith(b"\xef\xbb\xbf")
    assert sheet.write([["月"]]).startswith(b"\xef\xbb\xbf")


def test_a_figure_without_a_table_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'change'.*matrix"):
        numbers.csv("change", pack({}, {}))
