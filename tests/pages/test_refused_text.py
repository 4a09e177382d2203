"""A model whose tokenizer does not take every text: a page says so, and goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tokenizers
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tokenizers import decoders, pre_tokenizers
from tokenizers.models import WordLevel

from kvcore.checkpoint.embedded import tiny_folder
from tests.opening import Open
from ui.served import host
from ui.web.server import routes

PAGES = ["home.py", "why_not_q.py", "growth.py", "timing.py"]
SENTENCE = {"en": "has no token for a part of the text", "zh": "没有对应的词元"}


@pytest.fixture(params=["no word has spaces", "words between spaces"], autouse=True)
def site_of_words(
    request: pytest.FixtureRequest, site: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Open:
    """The site with a model that knows three words and nothing that stands for another."""
    inner = tokenizers.Tokenizer(WordLevel({"a": 0, "b": 1, "whale": 2}, unk_token="nope"))
    if request.param == "words between spaces":
        inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.decoder = decoders.WordPiece()
    folder = tmp_path / "words"
    shutil.copytree(tiny_folder(), folder)
    inner.save(str(folder / "tokenizer.json"))
    monkeypatch.setattr(host, "_models", host.configured(f"words={folder}"))
    host.start("words")
    assert host.wait("words", 60).state == "ready"
    return site


@pytest.mark.parametrize("lang", SENTENCE)
@pytest.mark.parametrize("page", PAGES)
def test_a_text_that_the_tokenizer_refuses_is_a_sentence_on_every_page(
    site_of_words: Open, page: str, lang: str
) -> None:
    for prompt in ("aab", "abaab", None):  # None: the page's own opening
        app = site_of_words(page, lang=lang, **({"prompt": prompt} if prompt else {}))
        assert not app.exception
        assert not app.error
        said = [element.value for element in (*app.info, *app.warning)]
        assert any(SENTENCE[lang] in sentence for sentence in said), said
    app.text_input(key="prompt").set_value("whale").run()
    assert not app.exception
    assert not any(SENTENCE[lang] in element.value for element in (*app.info, *app.warning))


def test_a_replacement_that_it_refuses_is_a_sentence(site_of_words: Open) -> None:
    app = site_of_words("growth.py", prompt="whale", view="0:aab", lang="en")
    assert not app.exception
    assert any(SENTENCE["en"] in element.value for element in app.info)


@pytest.mark.parametrize("path", ["numbers.csv", "poster.svg", "card.png", "snapshot"])
def test_an_answer_about_it_is_a_sentence_of_status_400(path: str) -> None:
    client = TestClient(Starlette(routes=routes()))
    answer = client.get(f"/{path}", params={"page": "growth", "prompt": "aab"})
    assert answer.status_code == 400
    assert "the tokenizer does not take 'aab'" in answer.text
