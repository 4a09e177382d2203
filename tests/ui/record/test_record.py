"""The record of a run: it comes back, refuses what does not fit, and gives what the model did."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import kvcore
from tests.ui.made_up import made_up, rows, step
from ui.front import KVFRONT
from ui.record.derive import attention, lengths, visible
from ui.record.pack import pack, unpack
from ui.record.record import Message, Record, Rule, read, write
from ui.views.record import of_cache, of_heads

DERIVE = """
import { readFileSync } from "node:fs";
import { attention, lengths, mixed } from "./record/derive.js";
import { unpack } from "./record/pack.js";
import { opened } from "./record/record.js";
const { record, state } = opened(unpack(new Uint8Array(readFileSync(0))));
const plain = ({ data, shape }) => ({ data: Array.from(data), shape });
const heads = state.of.map(([layer, head]) => {
  const all = attention(record, layer, head);
  const each = Array.from({ length: all.q.shape[0] }, (_, i) => Array.from(mixed(all, i).data));
  const found = { ...all, z: { data: each.flat(), shape: all.q.shape } };
  return Object.fromEntries(Object.entries(found).map(([name, array]) => [name, plain(array)]));
});
process.stdout.write(JSON.stringify({ heads, lengths: plain(lengths(record)) }));
"""
TEXTS = [
    "The old man and the sea",
    "the the the the the the the the",
    "月光 如水，照在 the whale",
    "a",
    "Call me Ishmael. " * 7,
]
RULES = [
    Rule(True, None, 0),
    Rule(True, 3, 0),
    Rule(True, 2, 2),
    Rule(False, None, 0),
]


def by_node(message: Message) -> Any:
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", DERIVE],
        input=write(message),
        capture_output=True,
        cwd=KVFRONT,
        check=True,
        timeout=30,
    )
    return json.loads(answer.stdout)


def test_a_record_comes_back_with_all_that_it_carried() -> None:
    before = made_up(
        steps=[step("prefill", 0, 2), step("decode", 2, 1, dropped=made_up().tokens[:1])],
        k_lengths=np.ones((3, 2), np.float32),
        cached_ms=np.ones((2, 1), np.float32),
        recomputed_ms=np.full((2, 1), 2, np.float32),
    )
    record, state, text = read(write(Message(before, {"layer": 1}, {"label": "猫"})))
    assert (state, text) == ({"layer": 1}, {"label": "猫"})
    for name in ("tokens", "prompt", "model", "rules"):
        assert getattr(record, name) == getattr(before, name), name
    assert [replace(each, dropped=tuple(each.dropped)) for each in record.steps] == [
        replace(each, dropped=tuple(each.dropped)) for each in before.steps
    ]
    for name in ("q", "k", "v"):
        back, there = getattr(record, name), getattr(before, name)
        assert (back.layers, back.heads, back.start) == (there.layers, there.heads, there.start)
        np.testing.assert_array_equal(back.values, there.values)
    for name in ("k_lengths", "cached_ms", "recomputed_ms"):
        np.testing.assert_array_equal(getattr(record, name), getattr(before, name))


def test_another_format_is_refused_by_its_number_in_both_languages() -> None:
    meta, arrays = unpack(write(Message(made_up(), {}, {})))
    block = pack({**meta, "format": 2}, arrays)
    with pytest.raises(ValueError, match="format 2, and this reads 1"):
        read(block)
    if shutil.which("node"):
        answer = subprocess.run(
            ["node", "--input-type=module", "-e", DERIVE],
            input=block,
            capture_output=True,
            cwd=KVFRONT,
            check=False,
            timeout=30,
        )
        assert "a record of format 2 came, and this reads 1" in answer.stderr.decode()


@pytest.mark.parametrize(
    ("changes", "both"),
    [
        ({"prompt": 0}, "prompt=0 of 3 tokens: give 1 to 3"),
        ({"prompt": 4}, "prompt=4 of 3 tokens: give 1 to 3"),
        ({"steps": [step("prefill", 0, 4)]}, "fed=4 from 0 on of 3 tokens"),
        ({"steps": [step("decode", 2, 0)]}, "fed=0 from 2 on of 3 tokens"),
        ({"model": None}, "q is carried, but no model"),
        ({"rules": []}, "0 rules: 2 layers need one each"),
        ({"k": rows(2, 2, 2, 4)}, r"k is \(2, 2, 2, 4\), but the record needs \(3, 2, 2, 4\)"),
        ({"v": rows(3, 2, 2, 5)}, r"v is \(3, 2, 2, 5\), but the record needs \(3, 2, 2, 4\)"),
        ({"q": rows(3, 2, 4, 4, start=1)}, r"q is \(3, 2, 4, 4\), but .* \(2, 2, 4, 4\)"),
        ({"q": rows(3, 2, 4, 4, layers=(1, 2))}, r"layers \(1, 2\) of q must be some of 0 to 1"),
        ({"k": rows(3, 2, 3, 4)}, r"heads \(0, 1, 2\) of k must be some of 0 to 1"),
        ({"k_lengths": np.ones((2, 3), np.float32)}, r"k_lengths is \(2, 3\), .* \(3, 2\)"),
    ],
)
def test_a_record_that_does_not_fit_together_is_refused_with_both_numbers(
    changes: dict[str, Any], both: str
) -> None:
    with pytest.raises(ValueError, match=both):
        made_up(**changes)


def test_lengths_of_layers_that_are_not_carried_are_asked_for() -> None:
    with pytest.raises(ValueError, match="K of some layers alone: record k_lengths too"):
        lengths(made_up(k=rows(3, 1, 2, 4, layers=(1,))))


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_rule_hides_what_the_model_hides(rule: Rule) -> None:
    import torch

    from kvcore.ops import masks

    at = np.arange(9)
    theirs = masks.visible(kvcore.Visibility(**rule._asdict()), *[torch.from_numpy(at)] * 2)
    np.testing.assert_array_equal(visible(rule, at, at), theirs.numpy())


@pytest.fixture(scope="module", params=["tiny", "smollm2"])
def decoder(request: pytest.FixtureRequest) -> kvcore.Decoder:
    if request.param == "smollm2":
        request.getfixturevalue("smollm2_folder")
    return kvcore.load(request.param)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_what_a_browser_derives_is_what_the_model_computed(
    decoder: kvcore.Decoder, text: str
) -> None:
    run = decoder.engine.session().update(decoder.tokenizer.encode(text))
    layers = sorted({0, 1, decoder.config.n_layers - 1})
    looked = {layer: kvcore.look(run, layer, queries="all") for layer in layers}
    record = of_heads(run, looked, decoder.tokenizer)
    of = [(layer, head) for layer in layers for head in (0, decoder.config.n_heads - 1)]
    every = {**vars(record), "k_lengths": kvcore.key_norms(run).T}
    found = by_node(Message(Record(**every), {"of": of}, {}))
    for (layer, head), browser in zip(of, found["heads"], strict=True):
        theirs = looked[layer]
        ours = attention(record, layer, head)._asdict()
        np.testing.assert_array_equal(ours["mask"], theirs.mask)
        for name in ("scores", "weights", "z"):
            there = getattr(theirs, name)[head]
            reach = max(1, float(np.abs(there).max()))
            np.testing.assert_allclose(ours[name], there, atol=2e-5 * reach, rtol=0)
            np.testing.assert_allclose(ours[name], _array(browser[name]), atol=2e-6 * reach, rtol=0)
        np.testing.assert_array_equal(_array(browser["mask"]), theirs.mask)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_record_of_the_cache_has_the_newest_query_and_the_lengths_of_every_key() -> None:
    decoder = kvcore.load("tiny")
    session = decoder.engine.session()
    session.update(decoder.tokenizer.encode("The old man and the whale"))
    run = session.update(decoder.tokenizer.encode("The old man and the sea"))
    looked = {layer: kvcore.look(run, layer) for layer in range(decoder.config.n_layers)}
    record = of_cache(run, looked, (), decoder.tokenizer, layer=1, head=3)
    assert record.q and record.q.values.shape[:3] == (1, 1, 1)
    assert record.k_lengths is None, "they follow from the rows"
    np.testing.assert_allclose(lengths(record), kvcore.key_norms(run).T, rtol=1e-5)
    found = by_node(Message(record, {"of": [(1, 3)]}, {}))
    np.testing.assert_allclose(_array(found["lengths"]), lengths(record), rtol=1e-6)
    (newest,) = _array(found["heads"][0]["weights"])
    np.testing.assert_allclose(newest, looked[1].weights[3, -1], atol=2e-5)


def _array(sent: Any) -> np.ndarray:
    return np.array(sent["data"]).reshape(sent["shape"])
