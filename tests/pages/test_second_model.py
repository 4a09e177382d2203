"""The second model, which a visitor can choose: 30 layers, drawn one at a time."""

from __future__ import annotations

import numpy as np
import pytest

import kvcore
from kvcore.checkpoint.embedded import TINY
from tests.opening import results
from tests.pages.test_lessons import figure, opened
from ui.served import host
from ui.views.openings import opening

MODEL = "smollm2"


@pytest.fixture(scope="module", autouse=True)
def smollm2(smollm2_folder: object) -> kvcore.Decoder:
    for name in (TINY, MODEL):  # both: these tests may be the first of their process
        host.start(name)
        assert host.wait(name, 60).state == "ready"
    return host.decoder(MODEL)


def test_it_shows_one_layer_beside_a_map_of_all_thirty() -> None:
    meta, arrays = figure(opened("home.py", model=MODEL, layer="29", head="8"), "cache_view")
    assert (meta["shown"], meta["layer"], meta["n_layers"], meta["n_kv_heads"]) == ([29], 29, 30, 3)
    assert arrays["k"].shape == (5, 1, 3, 64)
    assert arrays["k_lengths"].shape == (5, 30)


def test_the_argument_runs_on_it_and_shows_its_numbers(smollm2: kvcore.Decoder) -> None:
    _, arrays = figure(opened("why_not_q.py", model=MODEL, layer="5", head="4"), "matrix")
    ids = smollm2.tokenizer.encode("The old man and the")
    session = smollm2.engine.session()
    session.update(ids[:-1])
    ran = kvcore.look(session.update(ids), 5, queries="all")
    np.testing.assert_allclose(arrays["scores"], ran.scores[4], atol=1e-4)


def test_a_visitor_who_chooses_it_meets_its_own_layer_and_head() -> None:
    app = opened("home.py", model="tiny", layer="3", head="5")
    app.segmented_control(key="model").set_value(MODEL).run()
    assert not app.exception
    assert not app.warning
    opens_on = opening(MODEL, "en")
    assert app.slider(key="layer").value == opens_on.layer
    assert app.slider(key="head").value == opens_on.head
    assert app.slider(key="layer").max == 29
    app.segmented_control(key="model").set_value("tiny").run()
    assert not app.warning
    assert app.slider(key="layer").max == 3
    assert figure(app, "cache_view")[0]["shown"] == [0, 1, 2, 3]


def test_the_race_counts_the_rows_of_its_thirty_layers() -> None:
    app = opened("timing.py", model=MODEL, view="8x1")
    app.button(key="run").click().run()
    counted = next(each.value for each in app.markdown if "rows of the MLP" in each.value)
    assert "| 30 | 360 |" in counted  # the last step saw 12 tokens in each of 30 layers
    values = results(app)
    assert values["Tokens"] == "the same"
    assert float(values["Largest logit gap"]) <= kvcore.TOLERANCE


def test_it_opens_on_a_token_that_looks_back_at_its_cat(smollm2: kvcore.Decoder) -> None:
    opens_on = opening(MODEL, "en")
    ids = smollm2.tokenizer.encode(opens_on.prompt)
    step = smollm2.engine.session().update(ids)
    weights = kvcore.look(step, opens_on.layer).weights[opens_on.head, -1]
    assert smollm2.tokenizer.labels(ids)[int(weights.argmax())].text == "cat"
