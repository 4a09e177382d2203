"""Training the tiny decoder, on a corpus of a few lines: what it reads, what it writes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

import kvcore
from training.__main__ import learn, new_model, write
from training.batches import REHEARSAL_ROWS, REHEARSED, ROW, ROWS, SHORT, Batches
from training.corpus import Corpus, verses
from training.tokens import END, train

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


def test_a_batch_is_a_third_poems_and_the_same_for_the_same_seed(
    corpus: Corpus, tokenizer: Tokenizer
) -> None:
    first, again, other = (Batches(corpus, tokenizer, seed).next_batch() for seed in (0, 0, 1))
    assert first.shape == (ROWS, ROW)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    of_poems = {i for poem in corpus.poems for i in tokenizer.encode(poem).ids}
    of_poems.add(tokenizer.token_to_id(END))
    assert [set(row) <= of_poems for row in first.tolist()] == [True] * 3 + [False] * 5


def test_rehearsal_rows_say_a_few_tokens_over_and_over(
    corpus: Corpus, tokenizer: Tokenizer
) -> None:
    rows = Batches(corpus, tokenizer, 0).next_rehearsal()
    assert rows.shape == (REHEARSAL_ROWS, REHEARSED)
    assert all(any((row[n:] == row[:-n]).all() for n in range(*SHORT)) for row in rows)
    assert len({tuple(row) for row in rows.tolist()}) == REHEARSAL_ROWS


def test_an_opening_row_begins_a_chapter_and_a_repeated_passage_comes_back(
    corpus: Corpus, tokenizer: Tokenizer
) -> None:
    rows = Batches(corpus, tokenizer, 0).next_batch()
    begins = {tokenizer.encode(chapter).ids[0] for chapter in corpus.chapters}
    assert rows[6][0] in begins
    assert any((rows[7][n:] == rows[7][:-n]).all() for n in range(8, 65))


def test_a_few_steps_lower_the_loss_and_leave_a_folder_that_kvcore_loads(
    corpus: Corpus, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    model = new_model(tokenizer.get_vocab_size(), tokenizer.token_to_id(END))
    steps = learn(model, Batches(corpus, tokenizer, 0), steps=4, rehearsal=1)
    losses = [loss for _, loss in steps]
    assert losses[-1] < losses[1]
    write(model, tokenizer, tmp_path)
    decoder = kvcore.load(tmp_path)
    assert (decoder.config.n_layers, decoder.config.n_kv_heads) == (4, 2)
    assert decoder.tokenizer.stop_ids == (tokenizer.token_to_id(END),)
    ids = decoder.tokenizer.encode("Call me")
    ours = decoder.engine.recompute(ids)[0]
    with torch.inference_mode():
        theirs = model.eval()(torch.tensor([ids])).logits[0].numpy()
    np.testing.assert_allclose(ours, theirs, atol=0.05)  # the file is fp16
