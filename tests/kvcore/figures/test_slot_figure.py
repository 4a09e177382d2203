"""The slot map shows what each step's snapshot says, and nothing where a slot is empty."""

import numpy as np
import pytest

from kvcore.figures import SlotWords, slot_map
from kvcore.records.cache_specs import CacheSpec, Contiguous, NoCache, Rolling, Static
from kvcore.records.config import Visibility
from tests.kvcore.feeding import generate
from tests.kvcore.tiny import tiny_engine

WORDS = SlotWords(
    step="step",
    slot="slot",
    replaced="another was there",
    cell="%{x} %{y} %{text} %{customdata}",
    left="%{x} %{y} %{customdata}",
)
RULE = Visibility(window=4, n_sink=2)
NAMES = [f"<{i}>" for i in range(20)]


def drawn(cache: CacheSpec, rule: Visibility, prompt: int = 6):
    steps = generate(tiny_engine(), cache, prompt=prompt, steps=4, visibility=rule).steps
    return steps, *slot_map(steps, NAMES, WORDS).data


def test_a_ring_writes_over_what_left_the_window() -> None:
    _, cells, replaced = drawn(Rolling(), RULE)
    assert [[int(text or -1) for text in column] for column in cells.text.T] == [
        [0, 1, 2, 3, 4, 5],
        [0, 1, 6, 3, 4, 5],
        [0, 1, 6, 7, 4, 5],
        [0, 1, 6, 7, 8, 5],
    ]
    assert cells.z[:, 0].all()
    assert [np.flatnonzero(column).tolist() for column in cells.z.T[1:]] == [[2], [3], [4]]
    marks = zip(replaced.x, replaced.y, replaced.customdata, strict=True)
    assert [tuple(map(int, mark)) for mark in marks] == [(1, 2, 2), (2, 3, 3), (3, 4, 4)]
    assert cells.customdata[2].tolist() == ["<2>", "<6>", "<6>", "<6>"]


@pytest.mark.parametrize("cache", [Contiguous(), Static(capacity=12)], ids=str)
def test_an_empty_slot_is_a_gap_and_nothing_is_replaced(cache: CacheSpec) -> None:
    steps, cells, replaced = drawn(cache, Visibility())
    for step, column, text in zip(steps, cells.z.T, cells.text.T, strict=True):
        n = len(step.ids)
        assert [bool(one) for one in text] == [slot < n for slot in range(len(text))]
        assert np.isfinite(column[:n]).all()
        assert np.isnan(column[n:]).all()
        assert len(column) > n
    assert len(replaced.x) == 0


def test_what_cannot_be_drawn_is_an_error_with_the_numbers() -> None:
    with pytest.raises(ValueError, match="4 steps with 0 slots"):
        drawn(NoCache(), Visibility())
    with pytest.raises(ValueError, match="0 steps with 0 slots"):
        slot_map([], NAMES, WORDS)
    steps = generate(tiny_engine(), Rolling(), visibility=RULE).steps
    with pytest.raises(ValueError, match="9 names for 10 positions"):
        slot_map(steps, NAMES[:9], WORDS)
