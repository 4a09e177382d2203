"""Every kind of tokenizer.json that Llama-family folders bring is read and written alike."""

import itertools
import unicodedata
from pathlib import Path

import pytest
import tokenizers
from tokenizers import decoders, pre_tokenizers
from tokenizers.models import BPE

from kvcore.text.labels import OPEN_BOX
from kvcore.text.tokenizer import Tokenizer
from tests.kvcore.text.kinds import KINDS
from tests.kvcore.text.texts import TEXTS

ONE_FIRST_SPACE = ("roberta", "t5", "mistral")  # put there when a text begins with none
READABLE = [text for text in TEXTS if "▁" not in text]  # SentencePiece takes it for a space


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def inner(kind: str) -> tokenizers.Tokenizer:
    return KINDS[kind]()


@pytest.fixture(scope="module")
def tokenizer(inner: tokenizers.Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer")
    inner.save(str(folder / "tokenizer.json"))
    (folder / "generation_config.json").write_text('{"eos_token_id": [2]}', "utf-8")
    return Tokenizer.from_folder(folder)


def written(kind: str, text: str) -> str:
    """The part of `text` that a tokenizer of this kind keeps."""
    if kind in ONE_FIRST_SPACE:
        return text.removeprefix(" ")
    return unicodedata.normalize("NFC", text) if kind == "qwen 2" else text


def test_ids_are_those_of_the_library_without_special_tokens(inner, tokenizer) -> None:
    for text in READABLE:
        assert tokenizer.encode(text) == inner.encode(text, add_special_tokens=False).ids


def test_every_text_comes_back_from_its_ids(kind: str, tokenizer: Tokenizer) -> None:
    for text in READABLE:
        lost = " " if kind in ONE_FIRST_SPACE and text.startswith(" ") else ""
        assert tokenizer.lost(text) == lost
        assert tokenizer.decode(tokenizer.encode(text)) == written(kind, text)


def test_labels_carry_the_bytes_of_the_text(kind: str, tokenizer: Tokenizer) -> None:
    for text in READABLE:
        raw = b"".join(label.raw for label in tokenizer.labels(tokenizer.encode(text)))
        assert raw == written(kind, text).encode()


def test_a_text_goes_on_as_if_it_had_been_written_at_once(kind: str, tokenizer) -> None:
    for before, after in itertools.pairwise(text for text in READABLE if text):
        ids = [*tokenizer.encode(before), *tokenizer.encode(after, mid_text=True)]
        assert tokenizer.decode(ids) == written(kind, before) + written(kind, "." + after)[1:]


def test_no_label_has_a_space_that_the_visitor_did_not_type(kind: str, tokenizer) -> None:
    for text in ("The whale", " The whale", "鲸", "<s>", "\n"):
        first = tokenizer.labels(tokenizer.encode(text))[0]
        if not first.raw:  # a token that is nothing but the tokenizer's own space
            assert (first.text, first.space) == (OPEN_BOX, False)
            continue
        marked = first.space or first.text.startswith(OPEN_BOX)
        assert marked == written(kind, text).startswith(" ")
        assert first.text
    going_on = tokenizer.labels(tokenizer.encode(" whale", mid_text=True), mid_text=True)[0]
    assert going_on.space or going_on.text.startswith(OPEN_BOX)


def test_a_token_that_is_nothing_but_the_tokenizers_own_space_is_labelled_as_one() -> None:
    for cut, decoder, space in (
        (pre_tokenizers.ByteLevel(add_prefix_space=True), decoders.ByteLevel(), "Ġ"),
        (pre_tokenizers.Metaspace(), decoders.Metaspace(), "▁"),
    ):
        inner = tokenizers.Tokenizer(BPE(vocab={"a": 0, "b": 1, space: 2}, merges=[]))
        inner.pre_tokenizer, inner.decoder = cut, decoder
        labels = Tokenizer(inner).labels(Tokenizer(inner).encode("ab"))
        assert [label.name for label in labels] == [OPEN_BOX, "a", "b"]
        assert b"".join(label.raw for label in labels) == b"ab"


def test_the_bytes_of_a_character_without_a_token_are_joined_under_it(tokenizer) -> None:
    labels = tokenizer.labels(tokenizer.encode("a\U0001f9ed"))
    compass = [label for label in labels if label.text == "\U0001f9ed"]
    assert len(compass) > 1
    assert [label.part for label in compass] == [*range(1, len(compass) + 1)]
    assert {label.parts for label in compass} == {len(compass)}


def test_special_tokens_are_named_and_never_read_from_a_text(kind: str, tokenizer) -> None:
    if kind == "t5":
        pytest.skip("the library's Unigram model itself reads them from a text")
    assert tokenizer.stop_ids == (2,)
    bos = next(i for i in range(9) if tokenizer.labels([i])[0].text == "<s>")
    assert bos not in tokenizer.encode("<s>")
    assert tokenizer.decode([bos, *tokenizer.encode("<s> a")]) == "<s> a"


def test_what_a_file_says_about_cutting_and_filling_up_is_not_followed(tmp_path: Path) -> None:
    inner = KINDS["llama 3"]()
    whole = inner.encode("a long text " * 9).ids
    inner.enable_truncation(max_length=4)
    inner.enable_padding(length=500)
    inner.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.from_folder(tmp_path).encode("a long text " * 9) == whole


@pytest.mark.parametrize("stop", ['"2"', "[1, null]", "-1", "1.5"])
def test_stop_ids_that_are_no_ids_are_refused(tmp_path: Path, stop: str) -> None:
    tokenizers.Tokenizer(BPE(vocab={"a": 0}, merges=[])).save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text(f'{{"eos_token_id": {stop}}}', "utf-8")
    with pytest.raises(ValueError, match=r"config\.json: eos_token_id=.* must be an id or a list"):
        Tokenizer.from_folder(tmp_path)
