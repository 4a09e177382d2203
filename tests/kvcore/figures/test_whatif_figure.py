"""The figure of a what-if run shows the numbers of its record, and no others."""

import numpy as np
import pytest

from kvcore.figures import WhatIfWords, what_if
from kvcore.figures.whatif import CHANGED, LEAST, UNCHANGED
from kvcore.study.whatif import KRowDropped, MaskInWrongCorner, OldQDropped, WhatIf, WhatIfResult
from kvcore.study.whatif import what_if as run
from tests.kvcore.tiny import random_ids, tiny_engine

WORDS = WhatIfWords(
    k="K",
    v="V",
    layer="layer",
    change="change",
    gap="gap",
    first_difference="here",
    cell="%{y} %{x} %{customdata:.3g}",
    step="%{x} %{y:.3g}",
)
N_PROMPT, N_FED = 6, 10


def result(spec: WhatIf) -> WhatIfResult:
    engine = tiny_engine()
    return run(engine, random_ids(engine.model.config, N_PROMPT), spec, n_tokens=5)


def names() -> list[str]:
    return [f"<{i}>" for i in range(N_FED)]


def test_the_maps_and_the_line_carry_the_numbers_of_the_record() -> None:
    ran = result(KRowDropped(pos=2))
    k, v, gaps = what_if(ran, names(), WORDS).data
    np.testing.assert_array_equal(k.customdata, ran.change.k)
    np.testing.assert_array_equal(v.customdata, ran.change.v)
    np.testing.assert_array_equal(gaps.y, ran.gaps)
    assert list(gaps.x) == list(range(N_PROMPT - 1, N_FED))


def test_what_did_not_change_has_the_pale_end_of_the_scale_and_nothing_else_does() -> None:
    ran = result(KRowDropped(pos=2))
    figure = what_if(ran, names(), WORDS)
    low, high = figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax
    assert [colour for _, colour in figure.layout.coloraxis.colorscale] == [UNCHANGED, CHANGED]
    for trace, change in zip(figure.data, (ran.change.k, ran.change.v), strict=False):
        np.testing.assert_array_equal(trace.z <= low, change <= LEAST)
        assert trace.z.max() <= high
    assert figure.data[0].z[0].tolist() == [low, low, high] + [low] * 7


def test_the_first_step_that_differs_is_marked_where_there_is_one() -> None:
    ran = result(MaskInWrongCorner())
    assert ran.first_difference is not None
    [line] = what_if(ran, names(), WORDS).layout.shapes
    assert line.x0 == line.x1 == N_PROMPT - 1 + ran.first_difference
    assert not what_if(result(OldQDropped()), names(), WORDS).layout.shapes


def test_every_token_needs_a_name() -> None:
    with pytest.raises(ValueError, match="9 names for 10 tokens"):
        what_if(result(OldQDropped()), names()[1:], WORDS)
