"""The kinds of tokenizer.json that Llama-family folders bring, small ones trained here."""

import json
import unicodedata
from pathlib import Path

import pytest
import tokenizers
from texts import TEXTS
from tokenizers import AddedToken, Regex, decoders, normalizers, pre_tokenizers, trainers
from tokenizers.models import BPE

from kvcore.tokenizer import Tokenizer

# How text is cut before merging. Llama 3 takes digits by threes, Qwen 2 one by one.
CUT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = [AddedToken(name, special=True) for name in ("<s>", "</s>")]


def byte_level(digits: str, *, nfc: bool) -> tokenizers.Tokenizer:
    """As Llama 3, Qwen 2, Qwen 3 and SmolLM3 have it: a pattern, then bytes in visible letters."""
    inner = tokenizers.Tokenizer(BPE())
    inner.normalizer = normalizers.NFC() if nfc else None
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CUT % digits), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=SPECIAL,
        show_progress=False,
    )
    inner.train_from_iterator(TEXTS, trainer)
    return inner


def sentencepiece(*, metaspace: bool) -> tokenizers.Tokenizer:
    """As Llama 2 and Mistral have it: ▁ for a space, <0xE4> for the bytes of what is unknown."""
    inner = tokenizers.Tokenizer(BPE())
    if metaspace:
        inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        inner.normalizer = normalizers.Sequence(
            [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        )
    trainer = trainers.BpeTrainer(vocab_size=300, limit_alphabet=60, show_progress=False)
    inner.train_from_iterator([t for t in TEXTS if t.isascii()], trainer)
    learnt = json.loads(inner.to_str())["model"]
    first = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    words = [*first, *sorted(learnt["vocab"], key=learnt["vocab"].get)]
    inner.model = BPE(
        vocab={word: i for i, word in enumerate(words)},
        merges=[tuple(merge) for merge in learnt["merges"]],
        unk_token="<unk>",
        byte_fallback=True,
        fuse_unk=True,
    )
    inner.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    inner.add_special_tokens([AddedToken("<unk>", special=True), *SPECIAL])
    return inner


KINDS = {
    "llama 3": lambda: byte_level("{1,3}", nfc=False),
    "qwen 2": lambda: byte_level("", nfc=True),
    "llama 2": lambda: sentencepiece(metaspace=False),
    "mistral": lambda: sentencepiece(metaspace=True),
}
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
    """What of `text` a tokenizer of this kind keeps."""
    if kind == "mistral":  # ▁ goes before a text that does not start with a space by itself
        return text.removeprefix(" ")
    return unicodedata.normalize("NFC", text) if kind == "qwen 2" else text


def test_ids_are_those_of_the_library_without_special_tokens(inner, tokenizer) -> None:
    for text in READABLE:
        assert tokenizer.encode(text) == inner.encode(text, add_special_tokens=False).ids


def test_every_text_comes_back_from_its_ids(kind: str, tokenizer: Tokenizer) -> None:
    for text in READABLE:
        assert tokenizer.lost(text) == ""
        assert tokenizer.decode(tokenizer.encode(text)) == written(kind, text)


def test_labels_carry_the_bytes_of_the_text(kind: str, tokenizer: Tokenizer) -> None:
    for text in READABLE:
        raw = b"".join(label.raw for label in tokenizer.labels(tokenizer.encode(text)))
        if kind in ("llama 2", "mistral"):
            raw = raw.removeprefix(b" ")  # which this kind puts before every text
        assert raw == written(kind, text).encode()


def test_the_bytes_of_a_character_without_a_token_are_joined_under_it(tokenizer) -> None:
    labels = tokenizer.labels(tokenizer.encode("a\U0001f9ed"))
    compass = [label for label in labels if label.text == "\U0001f9ed"]
    assert len(compass) > 1
    assert [label.part for label in compass] == [*range(1, len(compass) + 1)]
    assert {label.parts for label in compass} == {len(compass)}


def test_special_tokens_are_named_and_never_read_from_a_text(tokenizer: Tokenizer) -> None:
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
