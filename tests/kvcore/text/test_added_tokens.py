"""An added token is the text that it is named by, in every kind of tokenizer."""

import random
import unicodedata

import pytest
import tokenizers
from tokenizers import AddedToken, decoders, pre_tokenizers
from tokenizers.models import WordPiece

from kvcore.text.tokenizer import Tokenizer
from tests.kvcore.text.kinds import KINDS
from tests.kvcore.text.texts import TEXTS

CONTENTS = [
    "čaj",  # č is how byte-level tokenizers write the byte 0x0D
    "Ġwörld",
    "ĠĊ",
    "two words",
    "  ",
    "中文词",
    "🧭",
    "👩‍🚀",
    "\x07bell",
    "▁low▁line",
    "<0x00000041>",
    "<tool>",
    "##ing",
]
# Without ▁, which SentencePiece takes for a space, in what stands around the added tokens.
AROUND = [unicodedata.normalize("NFC", text) for text in TEXTS if "▁" not in text]


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def inner(kind: str) -> tokenizers.Tokenizer:
    """A tokenizer that has the contents as added tokens."""
    inner = KINDS[kind]()
    inner.add_tokens([AddedToken(content, normalized=False) for content in CONTENTS])
    return inner


@pytest.fixture(scope="module")
def added(inner: tokenizers.Tokenizer) -> tuple[Tokenizer, list[int]]:
    return Tokenizer(inner), [inner.token_to_id(content) for content in CONTENTS]


def test_each_is_labelled_and_decoded_as_its_content(added) -> None:
    tokenizer, ids = added
    for i, content in zip(ids, CONTENTS, strict=True):
        (label,) = tokenizer.labels([i], mid_text=True)
        assert label.raw == content.encode()
        assert tokenizer.decode([i]) == content
    texts = {label.text for i in ids for label in tokenizer.labels([i])}
    assert {"čaj", "Ġwörld", "中文词", "two words", "␣␣", "<U+0007>bell", "<0x00000041>"} <= texts


def test_300_texts_with_added_tokens_among_them_come_back(kind: str, added) -> None:
    tokenizer, ids = added
    rng, seen = random.Random(0), set()
    for _ in range(300):
        parts = rng.choices(CONTENTS, k=3) + rng.choices(AROUND, k=3)
        rng.shuffle(parts)
        text = "".join(parts)
        if kind == "qwen 2" and text != unicodedata.normalize("NFC", text):
            continue
        encoded = tokenizer.encode(text)
        decoded, lost = tokenizer.decode(encoded), tokenizer.lost(text)
        raw = b"".join(label.raw for label in tokenizer.labels(encoded))
        assert raw.decode() == decoded
        assert set(lost) <= {" "}
        assert len(decoded) + len(lost) == len(text)
        if kind in ("llama 2", "llama 3", "qwen 2"):
            assert decoded == text
        seen |= set(encoded)
    assert set(ids) <= seen


def test_texts_without_added_tokens_decode_as_the_library_does(kind: str, inner, added) -> None:
    tokenizer, added_ids = added
    for text in AROUND:
        ids = [i for i in tokenizer.encode(text) if i not in added_ids]
        own_space = " " if kind == "roberta" and ids else ""  # the library leaves that one
        assert own_space + tokenizer.decode(ids) == inner.decode(ids)


@pytest.mark.parametrize(
    ("flags", "text", "decoded", "lost"),
    [
        ({}, "a <tool> b", "a <tool> b", ""),
        ({"lstrip": True}, "a  <tool> b", "a<tool> b", "  "),
        ({"rstrip": True}, "a <tool>  b", "a <tool>b", "  "),
        ({"lstrip": True, "rstrip": True}, "a <tool>\tb", "a<tool>b", " \t"),
        ({"single_word": True}, "a<tool>b <tool>", "a<tool>b <tool>", ""),
    ],
    ids=str,
)
def test_the_spaces_that_an_added_token_swallows_are_lost(
    flags: dict[str, bool], text: str, decoded: str, lost: str
) -> None:
    for kind in ("llama 2", "llama 3"):
        inner = KINDS[kind]()
        inner.add_tokens([AddedToken("<tool>", normalized=False, **flags)])
        tokenizer = Tokenizer(inner)
        assert tokenizer.decode(tokenizer.encode(text)) == decoded
        assert tokenizer.lost(text) == lost


@pytest.mark.parametrize("kind", KINDS)
def test_a_special_one_is_named_and_left_out_of_the_text(kind: str) -> None:
    inner = KINDS[kind]()
    inner.add_special_tokens([AddedToken("Ġčaj|")])
    tokenizer, special = Tokenizer(inner), inner.token_to_id("Ġčaj|")
    assert special not in tokenizer.encode("Ġčaj|")
    ids = [special, *tokenizer.encode("tea"), special]
    labels = tokenizer.labels(ids)
    assert (labels[0].text, labels[0].raw) == (labels[-1].text, b"") == ("Ġčaj|", b"")
    assert not labels[1].space
    assert tokenizer.decode(ids) == "tea"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "t5"])
def test_one_that_is_named_like_a_byte_is_text(kind: str) -> None:
    inner = KINDS[kind]()  # of t5, the library's Unigram model writes that entry for the text too
    inner.add_tokens(["<0x41>"])
    tokenizer = Tokenizer(inner)
    assert tokenizer.decode(tokenizer.encode("A<0x41>")) == "A<0x41>"


def test_one_that_normalising_changes_is_still_its_content() -> None:
    inner = KINDS["llama 2"]()  # whose normaliser writes ▁ for a space
    inner.add_tokens([AddedToken("two words", normalized=True)])
    tokenizer = Tokenizer(inner)
    assert tokenizer.decode([inner.token_to_id("two words")]) == "two words"


def test_an_entry_that_the_model_writes_itself_is_read_as_the_model_means_it() -> None:
    inner = KINDS["llama 3"]()
    entry = next(name for name in inner.get_vocab() if name.startswith("Ġ") and len(name) > 2)
    inner.add_tokens([entry, "ä", "a"])  # ä is how the byte 0xE4 is written, of 世 for one
    tokenizer = Tokenizer(inner)
    for text in (f"all{entry.replace('Ġ', ' ')}", "世界", "a"):
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_an_entry_whose_bytes_make_no_character_where_it_stands_is_its_content() -> None:
    inner = KINDS["llama 3"]()
    letters = [chr(code) for code in range(0xC2, 0xF5)]  # each written as the byte of its number
    inner.add_tokens([AddedToken(letter, normalized=False) for letter in letters])
    tokenizer = Tokenizer(inner)
    for letter in letters:
        (i,) = tokenizer.encode(letter)
        assert inner.decode([i]) == "\N{REPLACEMENT CHARACTER}"  # what the library has of it
        assert tokenizer.decode([i]) == letter
        (label,) = tokenizer.labels([i])
        assert (label.text, label.parts, label.raw) == (letter, 1, letter.encode())
    rng = random.Random(0)
    around = [text for text in TEXTS if not set(text) & set(letters)]
    for _ in range(300):
        parts = rng.choices(letters, k=4) + rng.choices([*around, "世", "🧭", "", " "], k=4)
        rng.shuffle(parts)
        text = "".join(parts)
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        assert b"".join(label.raw for label in tokenizer.labels(ids)).decode() == text
        assert tokenizer.lost(text) == ""


def test_one_that_is_in_the_vocabulary_but_never_written_by_the_model_is_text() -> None:
    inner = KINDS["llama 3"]()
    vocab = inner.get_vocab()
    inner.model = type(inner.model)(vocab={**vocab, "čaj": len(vocab)}, merges=[])
    inner.add_tokens(["čaj"])
    tokenizer = Tokenizer(inner)
    assert tokenizer.decode(tokenizer.encode("a čaj")) == "a čaj"
    assert tokenizer.labels([len(vocab)])[0].text == "čaj"


def test_word_pieces_are_read_as_their_decoder_spells_them() -> None:
    words = ["[UNK]", "the", "whale", "##s", "swim", "##ming", "世"]
    inner = tokenizers.Tokenizer(
        WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]")
    )
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.decoder = decoders.WordPiece()
    inner.add_special_tokens(["[UNK]"])
    inner.add_tokens(["čaj"])
    tokenizer = Tokenizer(inner)
    ids = tokenizer.encode("the whales čaj swimming")
    assert tokenizer.decode(ids) == inner.decode(ids) == "the whales čaj swimming"
    assert [(label.text, label.space) for label in tokenizer.labels(ids)] == [
        ("the", False),
        ("whale", True),
        ("s", False),
        ("čaj", True),
        ("swim", True),
        ("ming", False),
    ]
