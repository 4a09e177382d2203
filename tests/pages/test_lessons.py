"""Each page at work, through the site's own entry, with its own model, in both languages."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import kvcore
from kvembed.contract import MAX_PROMPT_TOKENS
from tests.opening import MAIN, results
from tests.unfolding import unfold
from ui.record.pack import unpack
from ui.served import host

PROMPT = "The old man and the"
TITLES = {
    "home.py": ("What a decoder remembers", "解码器记住了什么"),
    "why_not_q.py": ("Why K and V, and not Q?", "为什么缓存 K 和 V，不缓存 Q？"),
    "growth.py": ("Watch the cache grow", "看缓存逐步增长"),
    "timing.py": ("With and without", "有缓存，没缓存"),
}


@pytest.fixture(scope="module", autouse=True)
def model() -> kvcore.Decoder:
    """The site's own model, loaded once."""
    host.start("tiny")
    assert host.wait("tiny", 60).state == "ready"
    return host.decoder("tiny")


def opened(page: str, **query: str) -> AppTest:
    """A page as a link with these keys opens it."""
    app = AppTest.from_file(str(MAIN), default_timeout=120)
    for key, value in ({"prompt": PROMPT} | query).items():
        app.query_params[key] = value
    app.run()
    if page != "home.py":  # known by its path only once the site has run
        app.switch_page(str(MAIN.parents[1] / "pages" / page)).run()
    assert not app.exception
    return app


def figure(app: AppTest, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The record and the arrays that the component kv.NAME was sent."""
    sent = [each.proto for each in app.get("bidi_component")]
    block = next(proto.bytes for proto in sent if proto.component_name == f"kv.{name}")
    return unfold(block)


@pytest.mark.parametrize("page", TITLES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_opens_under_its_title_in_its_language(page: str, lang: str) -> None:
    assert opened(page, lang=lang).title[0].value == TITLES[page][lang == "zh"]


def test_typing_on_feeds_only_what_is_new() -> None:
    app = opened("home.py")
    app.text_input(key="prompt").set_value(PROMPT + " sea was").run()
    meta, arrays = figure(app, "cache_view")
    assert (meta["start"], len(meta["tokens"])) == (5, 7)
    assert arrays["weights"].sum() == pytest.approx(1, abs=1e-5)


def test_the_whole_cache_of_the_tiny_decoder_is_in_the_picture(model: kvcore.Decoder) -> None:
    meta, arrays = figure(opened("home.py", layer="1"), "cache_view")
    config = model.config
    assert meta["shown"] == list(range(config.n_layers))
    numbers = arrays["k"].size + arrays["v"].size
    assert 4 * numbers == meta["held_bytes"] == 5 * kvcore.kv_bytes_per_token(config)
    assert arrays["k"].shape == (5, config.n_layers, config.n_kv_heads, config.head_dim)


def test_an_edit_in_the_middle_drops_what_stood_behind_it() -> None:
    app = opened("home.py")
    app.text_input(key="prompt").set_value("The old whale and the").run()
    meta, _ = figure(app, "cache_view")
    assert meta["start"] == 2
    assert [token["text"] for token in meta["dropped"]] == ["man", "and", "the"]


def test_write_on_adds_the_likeliest_token_to_the_text(model: kvcore.Decoder) -> None:
    app = opened("home.py")
    before, _ = figure(app, "cache_view")
    app.button(key="write_on").click().run()
    after, _ = figure(app, "cache_view")
    assert after["tokens"][-1] == before["next"][0]["label"]
    assert after["start"] == len(before["tokens"])
    ids = model.tokenizer.encode(app.text_input(key="prompt").value)
    assert len(ids) == len(after["tokens"])


def test_an_empty_prompt_gets_a_sentence_and_no_picture() -> None:
    app = opened("home.py")
    app.text_input(key="prompt").set_value("").run()
    assert any("empty" in warning.value for warning in app.warning)
    assert not app.exception


def test_a_prompt_that_is_too_long_is_cut_and_kept_in_the_field() -> None:
    text = "word " * 300
    app = opened("growth.py", prompt=text)
    meta, _ = figure(app, "growth")
    assert meta["steps"][0]["fed"] == MAX_PROMPT_TOKENS
    assert any(str(MAX_PROMPT_TOKENS) in warning.value for warning in app.warning)
    assert app.text_input(key="prompt").value.strip() == text.strip()


@pytest.mark.parametrize("step", range(1, 8))
def test_each_step_of_the_argument_shows_the_same_run(step: int, model: kvcore.Decoder) -> None:
    app = opened("why_not_q.py", step=str(step), layer="2", head="4")
    meta, arrays = figure(app, "matrix")
    assert meta["stage"] == step
    ids = model.tokenizer.encode(PROMPT)
    session = model.engine.session()
    session.update(ids[:-1])
    ran = kvcore.look(session.update(ids), 2, queries="all")
    np.testing.assert_allclose(arrays["scores"], ran.scores[4], atol=1e-4)
    np.testing.assert_array_equal(arrays["mask"].astype(bool), ran.mask)


def test_a_link_restores_the_chosen_cell() -> None:
    meta, _ = figure(opened("why_not_q.py", step="5", view="3.1"), "matrix")
    assert meta["cell"] == [3, 1]


def test_deleting_old_q_moves_no_logit_and_deleting_a_row_of_k_or_v_does() -> None:
    app = opened("why_not_q.py", step="7", view="2")
    table = next(each.value for each in app.markdown if each.value.startswith("| deleted |"))
    q, k, v = re.findall(r"\*\*([^*]+)\*\*", table)
    assert q == "0"
    assert float(k) > 0.01
    assert float(v) > 0.01


def test_without_the_mask_old_rows_change_and_with_it_they_do_not() -> None:
    app = opened("why_not_q.py")
    maps = [
        unpack(each.proto.bytes)[1]["change"]
        for each in app.get("bidi_component")
        if each.proto.component_name == "kv.change"
    ]
    masked, unmasked = maps[:2], maps[2:]
    assert max(float(each.max()) for each in masked) < 1e-4
    assert all((each[1:] > 1e-3).all() for each in unmasked)
    assert all((each[0] == 0).all() for each in unmasked)


def test_growth_is_one_prefill_and_then_one_token_a_step(model: kvcore.Decoder) -> None:
    meta, arrays = figure(opened("growth.py"), "growth")
    assert [step["fed"] for step in meta["steps"]] == [5] + [1] * 15
    per_token = kvcore.kv_bytes_per_token(model.config)
    assert [step["held_bytes"] // per_token for step in meta["steps"]] == list(range(5, 21))
    np.testing.assert_allclose(arrays["weights"].sum(1), 1, atol=1e-5)


def test_an_edited_token_changes_one_cell_in_layer_0_and_nothing_before_it() -> None:
    app = opened("growth.py", view="2:whale")
    changed = [
        unpack(each.proto.bytes)[1]["change"]
        for each in app.get("bidi_component")
        if each.proto.component_name == "kv.change"
    ]
    for rows in changed:
        assert np.flatnonzero(rows[0]).tolist() == [2]
        assert (rows[:, :2] == 0).all()
        assert (rows[1:, 2:] > 1e-4).all()


def test_the_race_is_run_on_demand_and_agrees_with_itself() -> None:
    app = opened("timing.py", view="8x1")
    assert not results(app)
    app.button(key="run").click().run()
    assert not app.exception
    _, times = figure(app, "race")
    assert times["cached_ms"].shape == times["recomputed_ms"].shape == (1, 8)
    values = results(app)
    assert values["Tokens"] == "the same"
    assert float(values["Largest logit gap"]) <= kvcore.TOLERANCE
    counted = next(each.value for each in app.markdown if "rows of the MLP" in each.value)
    assert "| 4 | 48 |" in counted  # the last step saw 12 tokens in each of 4 layers


@pytest.mark.parametrize("page", TITLES)
def test_nonsense_in_the_address_gets_sentences(page: str) -> None:
    bad = {"lang": "xx", "model": "zz", "layer": "999", "head": "-1", "step": "<b>", "view": "'\""}
    app = opened(page, **bad)
    # /timing shows no layer or head, and what is wrong with a link is said once, on its first page.
    assert len(app.warning) >= (1 if page == "timing.py" else 3)
