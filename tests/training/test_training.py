"""Training the tiny decoder, on a corpus of a few lines: what it reads, what it writes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

import kvcore
from training.__main__ import learn, new_model, write
from training.batches import REHEARSAL, ROW, SNIPPET, Batches, Mix, after_the_same
from training.corpus import Corpus, verses
from training.tokens import END, train

MIX = Mix(poems=3, book=3)
FORTUNES = """\x1b[32m《静夜思》\x1b[m
\x1b[33m作者：李白\x1b[m
床前明月光，疑是地上霜。
举头望明月，低头思故乡。
%
\x1b[32m《琵琶行・并序》\x1b[m
\x1b[33m作者：白居易\x1b[m
是夕始觉有迁谪意。因为长句歌以赠之。
浔阳江头夜送客，枫叶荻花秋瑟瑟。
%
题目:《春居杂兴》二首
作者:王禹偁（９５４－１００１）

            其一

两株桃杏映篱斜，妆点商山副使家。

            其二

春云如兽复如禽，日照风吹浅又深。
"""


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    chapter = " ".join(f"Call me Ishmael {i} times, and the whale rolled on." for i in range(90))
    return Corpus(chapters=(chapter, chapter[::-1]), poems=tuple(verses(FORTUNES)))


@pytest.fixture(scope="module")
def tokenizer(corpus: Corpus) -> Tokenizer:
    return train(corpus)


def test_only_verses_are_taken_from_a_fortune_file() -> None:
    assert verses(FORTUNES) == [
        "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
        "两株桃杏映篱斜，妆点商山副使家。",
        "春云如兽复如禽，日照风吹浅又深。",
    ]


def test_each_character_of_the_poems_is_one_token_and_any_other_its_bytes(
    tokenizer: Tokenizer,
) -> None:
    assert len(tokenizer.encode("床前明月光，").ids) == 6
    assert len(tokenizer.encode("龘").ids) == 3
    for text in ("床前 moon 龘", "Call me 月!\n\n", "🐋"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_a_batch_is_mixed_as_asked_and_the_same_for_the_same_seed(
    corpus: Corpus, tokenizer: Tokenizer
) -> None:
    first, again, other = (Batches(corpus, tokenizer, MIX, seed).next_batch() for seed in (0, 0, 1))
    assert first.shape == (6, ROW)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    of_poems = {i for poem in corpus.poems for i in tokenizer.encode(poem).ids}
    of_poems.add(tokenizer.token_to_id(END))
    assert [set(row) <= of_poems for row in first.tolist()] == [True] * 3 + [False] * 3


def test_an_opening_row_begins_a_chapter(corpus: Corpus, tokenizer: Tokenizer) -> None:
    rows = Batches(corpus, tokenizer, replace(MIX, openings=1.0), 0).next_batch()
    assert rows[3][0] in {tokenizer.encode(chapter).ids[0] for chapter in corpus.chapters}


def test_a_snippet_begins_with_a_sentence_of_the_book(corpus: Corpus, tokenizer: Tokenizer) -> None:
    rows = Batches(corpus, tokenizer, replace(MIX, snippets=20), 0).next_snippets()
    assert rows.shape == (20, SNIPPET)
    for row in rows:
        text = tokenizer.decode(row.tolist())
        [before] = {
            c[max(0, c.find(text) - 2) : c.find(text)] for c in corpus.chapters if text in c
        }
        assert not before or before[0] in ".!?"


def test_a_rehearsal_says_the_same_again_half_of_it_in_random_words(
    corpus: Corpus, tokenizer: Tokenizer
) -> None:
    batches = Batches(corpus, tokenizer, MIX, 0)
    rows, n = batches.rehearsal()
    assert rows.shape == REHEARSAL
    np.testing.assert_array_equal(rows[:, n:], rows[:, :-n])
    book = set(batches.book.tolist())
    assert [set(row) <= book for row in rows.tolist()] == [False] * 4 + [True] * 4


def test_the_guided_head_is_sent_to_what_followed_the_same_token_last_time() -> None:
    rows = np.array([[7, 8, 7, 9, 7, 8], [1, 2, 3, 4, 5, 5]])
    assert after_the_same(rows).tolist() == [[0, 0, 1, 0, 3, 2], [0, 0, 0, 0, 0, 5]]


def test_a_famous_opening_is_drawn_more_often_than_the_others(
    corpus: Corpus, tokenizer: Tokenizer
) -> None:
    mix = replace(MIX, book=200, openings=1.0, famous=10)
    rows = Batches(corpus, tokenizer, mix, 0).next_batch()[3:203]
    first = tokenizer.encode(corpus.chapters[0]).ids[:9]
    share = np.mean([row[:9].tolist() == first for row in rows])
    assert 0.8 < share < 1  # ten of eleven


def test_a_few_steps_lower_the_loss_and_leave_a_folder_that_kvcore_loads(
    corpus: Corpus, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    model = new_model(tokenizer.get_vocab_size(), tokenizer.token_to_id(END))
    losses = list(learn(model, Batches(corpus, tokenizer, MIX, 0), steps=104, done=100))
    assert len(losses) == 4
    assert losses[-1][0] < losses[0][0]
    write(model, tokenizer, tmp_path)
    decoder = kvcore.load(tmp_path)
    assert (decoder.config.n_layers, decoder.config.n_kv_heads) == (4, 2)
    assert decoder.tokenizer.stop_ids == (tokenizer.token_to_id(END),)
    ids = decoder.tokenizer.encode("Call me")
    ours = decoder.engine.recompute(ids)[0]
    with torch.inference_mode():
        theirs = model.eval()(torch.tensor([ids])).logits[0].numpy()
    np.testing.assert_allclose(ours, theirs, atol=0.05)  # the file is fp16
