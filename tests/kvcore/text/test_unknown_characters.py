"""Characters that a tokenizer has no token for are left out, and named as lost."""

import pytest
import tokenizers
from tokenizers import decoders, pre_tokenizers
from tokenizers.models import BPE, Model, Unigram, WordLevel, WordPiece

from kvcore.text.tokenizer import Tokenizer

LETTERS = {"a": 0, "b": 1}
WITHOUT_AN_UNKNOWN_TOKEN = {
    "Unigram": lambda: Unigram([("a", -1.0), ("b", -1.0)], unk_id=None, byte_fallback=False),
    "BPE": lambda: BPE(vocab=LETTERS, merges=[], unk_token="nope"),
    "WordLevel": lambda: WordLevel(vocab=LETTERS, unk_token="nope"),
    "WordPiece": lambda: WordPiece(vocab=LETTERS | {"##a": 2, "##b": 3}, unk_token="nope"),
}


def tokenizer(model: Model) -> tokenizers.Tokenizer:
    inner = tokenizers.Tokenizer(model)
    inner.decoder = decoders.Fuse()
    return inner


@pytest.fixture(params=WITHOUT_AN_UNKNOWN_TOKEN)
def model(request: pytest.FixtureRequest) -> Model:
    return WITHOUT_AN_UNKNOWN_TOKEN[request.param]()


@pytest.mark.parametrize("mid_text", [False, True])
@pytest.mark.parametrize("text", ["a猫", "猫a", "猫猫a鲸", "a\n", "a\ud83d", "\N{COMPASS}a"])
def test_what_no_token_stands_for_is_dropped_and_named(
    model: Model, text: str, mid_text: bool
) -> None:
    read = Tokenizer(tokenizer(model))
    assert read.encode(text, mid_text=mid_text) == [0]
    assert read.lost(text) == text.replace("a", "")
    assert read.encode("猫", mid_text=mid_text) == []
    assert read.lost("猫") == "猫"


def test_the_letters_of_a_word_are_kept_although_none_is_a_token_of_its_own() -> None:
    inner = tokenizer(WordLevel(vocab={"cat": 0}, unk_token="nope"))
    assert Tokenizer(inner).encode("cat") == [0]
    assert Tokenizer(inner).lost("cat") == ""
    assert Tokenizer(inner).encode("dog") == []
    assert Tokenizer(inner).lost("dog") == "dog"


def test_a_text_refused_for_more_than_its_letters_is_a_mistake_of_the_caller() -> None:
    inner = tokenizer(WordLevel(vocab=LETTERS, unk_token="nope"))
    with pytest.raises(ValueError, match="the tokenizer does not take 'aab'"):
        Tokenizer(inner).encode("aab猫")


@pytest.mark.parametrize("prepend_scheme", ["always", "first", "never"])
def test_what_a_sentencepiece_tokenizer_without_bytes_writes_as_unknown_is_lost(
    prepend_scheme: str,
) -> None:
    pieces = [(piece, -1.0) for piece in ("a", "<unk>", "▁", "b")]
    inner = tokenizers.Tokenizer(Unigram(pieces, unk_id=1, byte_fallback=False))
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=prepend_scheme)
    inner.decoder = decoders.Metaspace(prepend_scheme=prepend_scheme)
    read = Tokenizer(inner)
    assert read.decode(read.encode("a 猫 b")) == "a <unk> b"
    assert read.lost("a 猫 b") == "猫"
    assert read.lost("猫b鲸") == "猫鲸"
    assert read.lost("a b") == ""
