"""A block that pack.py writes is what pack.js reads, and comes back."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ui.record.pack import pack, unpack

KVFRONT = Path(__file__).parents[3] / "kvfront"
META = {"tokens": [{"text": "猫", "space": True, "part": 1, "parts": 2}], "note": "a\nb", "n": 3}
# Odd lengths before wider items: without padding, a typed array could not begin there.
ARRAYS = {
    "mask": np.array([True, False, True]),
    "weights": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
    "codes": np.arange(5, dtype=np.uint8),
    "ids": np.array([[-1], [2**31 - 1]], dtype=np.int32),
    "none": np.zeros((0, 4), dtype=np.float32),
}

READ = """
import { unpack } from "./record/pack.js";
import { readFileSync } from "node:fs";
const file = new Uint8Array(readFileSync(0));
// The block may arrive in the middle of a longer buffer.
const longer = new Uint8Array(file.length + 3);
longer.set(file, 3);
const { meta, arrays } = unpack(longer.subarray(3));
const plain = {};
for (const [name, { data, shape }] of Object.entries(arrays))
  plain[name] = { kind: data.constructor.name, values: Array.from(data), shape };
console.log(JSON.stringify({ meta, arrays: plain }));
"""


def test_what_is_packed_comes_back_in_python() -> None:
    meta, arrays = unpack(pack(META, ARRAYS))
    assert meta == META
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def read_by_node(block: bytes) -> Any:
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", READ],
        input=block,
        capture_output=True,
        cwd=KVFRONT,
        check=True,
        timeout=30,
    )
    return json.loads(answer.stdout)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_what_is_packed_comes_back_in_the_browsers_language() -> None:
    got = read_by_node(pack(META, ARRAYS))
    assert got["meta"] == META
    for name, array in ARRAYS.items():
        assert got["arrays"][name]["shape"] == list(array.shape)
        values = np.array(got["arrays"][name]["values"]).reshape(array.shape)
        np.testing.assert_array_equal(values.astype(array.dtype), array)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_three_bytes_of_four_are_right_to_1_part_in_60000_in_both_languages() -> None:
    values = np.random.default_rng(0).normal(size=(7, 11)).astype(np.float32) * 10
    block = pack(META, {"ids": ARRAYS["ids"], "rows": values}, short=["rows"])
    _, arrays = unpack(block)
    np.testing.assert_allclose(arrays["rows"], values, rtol=1 / 60_000)
    assert len(block) < len(pack(META, {"ids": ARRAYS["ids"], "rows": values}))
    there = read_by_node(block)["arrays"]["rows"]
    assert there["shape"] == [7, 11]
    np.testing.assert_array_equal(np.float32(there["values"]).reshape(7, 11), arrays["rows"])


def test_an_array_that_is_not_contiguous_is_packed_in_its_own_order() -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    _, arrays = unpack(pack({}, {"turned": turned}))
    np.testing.assert_array_equal(arrays["turned"], turned)


def test_a_float64_array_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'z' is float64.*float32"):
        pack({}, {"z": np.zeros(3)})


def test_nan_in_the_description_is_refused() -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        pack({"ms": float("nan")}, {})
