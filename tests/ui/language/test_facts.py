"""The facts of a model in the prose: computed from its config."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kvcore import ModelConfig
from kvcore.checkpoint.hf_config import read_config
from kvcore.records.accounting import kv_bytes_per_token
from kvembed.languages import LANGUAGES
from tests.opening import CONFIG, Open
from ui.language.facts import filled
from ui.language.i18n import prose
from ui.views.cache_view import reading

ONE_TO_ONE = replace(CONFIG, n_kv_heads=CONFIG.n_heads)
ONE_FOR_ALL = replace(CONFIG, n_kv_heads=1)


def told(config: ModelConfig, lang: str) -> str:
    return filled("\n".join(prose("home", name, lang) for name in reading(config)), config)


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_front_page_says_which_kv_head_a_query_head_reads(site: Open, lang: str) -> None:
    said = " ".join(each.value for each in site(lang=lang).markdown)
    assert {"en": "grouped-query attention, GQA", "zh": "分组查询注意力（"}[lang] in said
    assert {"en": "query head 3 reads", "zh": "第 3 个查询头读的是"}[lang] in said
    heads = filled(prose("home", "heads", lang), CONFIG)
    assert sorted(numbers(heads)) == sorted([6, 2, 3, 0, 3, 1])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("config", [CONFIG, ONE_TO_ONE, ONE_FOR_ALL], ids=["GQA", "MHA", "MQA"])
def test_the_sentence_of_the_heads_is_true_of_any_model(config: ModelConfig, lang: str) -> None:
    said = told(config, lang)
    assert "{" not in said
    assert ("MHA" in said) == (config.n_kv_heads == config.n_heads)
    assert ("GQA" in said) == (config.n_kv_heads < config.n_heads)
    if config.n_kv_heads == 1:
        assert {"en": "query head 5 reads", "zh": "第 5 个查询头读的是"}[lang] in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_bytes_of_a_token_are_the_product_that_is_shown(
    lang: str, smollm2_folder: object
) -> None:
    for config in (CONFIG, read_config(str(smollm2_folder)), ONE_TO_ONE):
        two, layers, heads, dim, size, total, *_ = numbers(
            filled(prose("home", "bytes", lang), config)
        )
        assert two * layers * heads * dim * size == total == kv_bytes_per_token(config)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_k_and_v_of_layer_0_are_said_to_hang_on_the_position_too(site: Open, lang: str) -> None:
    for page in ("home.py", "why_not_q.py", "growth.py"):
        said = " ".join(each.value for each in site(page, lang=lang, prompt="The old man").markdown)
        assert "RoPE" in said
        assert {"en": "position", "zh": "位置"}[lang] in said
    some = replace(CONFIG, nope_layers=(1, 3))
    assert {"en": "In 2 of the 4 layers", "zh": "4 层里有 2 层"}[lang] in told(some, lang)
