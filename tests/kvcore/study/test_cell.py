"""One cell in numbers: each stage follows from the one before, down to the weight of the run."""

import math

import numpy as np
import pytest

from kvcore.records.config import Visibility
from kvcore.records.trace import LayerTrace
from kvcore.study.cell import cell
from kvcore.study.look import look
from tests.kvcore.tiny import HEADS, tiny_engine

TEXT = [5, 9, 2, 7, 7, 1]


def layer_of(heads: str = "GQA", causal: bool = True) -> LayerTrace:
    session = tiny_engine(heads).session(visibility=Visibility(causal=causal))
    return look(session.update(TEXT), 1)


@pytest.mark.parametrize("causal", [True, False], ids=["causal", "unmasked"])
@pytest.mark.parametrize("heads", HEADS)
def test_the_arithmetic_of_every_cell_ends_at_its_weight(heads: str, causal: bool) -> None:
    layer = layer_of(heads, causal)
    H, n, _ = layer.scores.shape
    for head in range(H):
        for row in range(n):
            for column in range(n):
                one = cell(layer, head, row, column)
                assert one.dot == pytest.approx(one.products.sum(), abs=1e-5)
                assert one.score == pytest.approx(one.dot / math.sqrt(len(one.q)), abs=1e-5)
                assert one.visible == (column <= row or not causal)
                if one.visible:
                    assert one.exp == pytest.approx(math.exp(one.score - one.row_max), rel=1e-5)
                    assert one.exp <= 1
                else:
                    assert one.exp == one.weight == 0
                assert one.weight == pytest.approx(one.exp / one.exp_sum, abs=1e-6)


@pytest.mark.parametrize(("heads", "kv_heads"), [("MHA", [0, 1, 2, 3]), ("GQA", [0, 0, 1, 1])])
def test_a_query_head_reads_the_keys_of_its_own_kv_head(heads: str, kv_heads: list[int]) -> None:
    layer = layer_of(heads)
    for head, kv_head in enumerate(kv_heads):
        np.testing.assert_array_equal(cell(layer, head, 4, 2).k, layer.k[kv_head, 2])
        np.testing.assert_array_equal(cell(layer, head, 4, 2).q, layer.q[head, 4])


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((4, 0, 0), "head=4 must be from 0 to 3"),
        ((0, 6, 0), "row=6 must be from 0 to 5"),
        ((0, 0, -1), "column=-1 must be from 0 to 5"),
    ],
)
def test_a_cell_outside_the_matrix_is_an_error(place: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cell(layer_of(), *place)
