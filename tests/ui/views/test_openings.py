"""The opening of a visit: its newest token looks back, and its edit swaps one token."""

from __future__ import annotations

import pytest

import kvcore
from kvembed.languages import LANGUAGES
from ui.views.openings import opening


@pytest.fixture(scope="module")
def tiny() -> kvcore.Decoder:
    return kvcore.load()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_newest_token_looks_back_at_one_that_is_neither_itself_nor_the_first(
    tiny: kvcore.Decoder, lang: str
) -> None:
    opens_on = opening("tiny", lang)
    ids = tiny.tokenizer.encode(opens_on.prompt)
    step = tiny.engine.session().update(ids)
    weights = kvcore.look(step, opens_on.layer).weights[opens_on.head, -1]
    assert 0 < weights.argmax() < len(ids) - 1
    assert weights.max() > 0.5


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_word_that_is_put_into_the_prompt_is_one_other_token(
    tiny: kvcore.Decoder, lang: str
) -> None:
    opens_on = opening("tiny", lang)
    pos, text = opens_on.edit
    label = tiny.tokenizer.labels(tiny.tokenizer.encode(opens_on.prompt))[pos]
    assert len(tiny.tokenizer.encode(f"{' ' if label.space else ''}{text}")) == 1
    assert text != label.text


def test_a_model_that_is_not_ours_opens_on_the_cat_in_every_language() -> None:
    assert {opening("mine", lang) for lang in LANGUAGES} == {opening("smollm2", "en")}
