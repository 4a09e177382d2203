"""Text to ids and back on SmolLM2, and labels that a person can read."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
import tokenizers
from tokenizers import decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, WordLevel

from kvcore.text.labels import label_tokens, readable
from kvcore.text.tokenizer import Tokenizer
from tests.kvcore.text.texts import CHINESE, TEXTS


@pytest.fixture(scope="module")
def tokenizer(smollm2_folder: Path) -> Tokenizer:
    return Tokenizer.from_folder(smollm2_folder)


@pytest.fixture(scope="module")
def theirs(smollm2_gguf: Path) -> tokenizers.Tokenizer:
    """transformers' reading of the same GGUF file, with the digit split that it forgets."""
    transformers = pytest.importorskip("transformers")
    found = transformers.AutoTokenizer.from_pretrained(
        smollm2_gguf.parent, gguf_file=smollm2_gguf.name
    ).backend_tokenizer
    digits = pre_tokenizers.Digits(individual_digits=True)
    found.pre_tokenizer = pre_tokenizers.Sequence([digits, found.pre_tokenizer])
    found.encode_special_tokens = True
    return found


def test_there_are_200_texts() -> None:
    assert len(TEXTS) == len(set(TEXTS)) == 200


def test_ids_equal_those_of_transformers(tokenizer: Tokenizer, theirs) -> None:
    different = [
        text
        for text in TEXTS
        if tokenizer.encode(text) != theirs.encode(text, add_special_tokens=False).ids
    ]
    assert not different


def test_decoding_gives_back_all_but_what_is_reported_lost(tokenizer: Tokenizer) -> None:
    for text in TEXTS:
        lost = set(tokenizer.lost(text))
        kept = "".join(c for c in text if c not in lost)
        assert tokenizer.decode(tokenizer.encode(text)) == kept


def test_nothing_is_lost_from_texts_that_people_write(tokenizer: Tokenizer) -> None:
    assert not any(tokenizer.lost(text) for text in CHINESE)


def test_exactly_the_six_control_characters_without_a_token_are_lost(tokenizer: Tokenizer) -> None:
    ascii_text = "".join(map(chr, range(128)))
    assert tokenizer.lost(ascii_text) == "\x04\x06\x13\x14\x16\x1d"


def test_half_a_surrogate_pair_and_an_unknown_plane_are_lost_whole(tokenizer: Tokenizer) -> None:
    text = "a\ud800b\U00040000c\udfff"
    assert tokenizer.lost(text) == "\ud800\U00040000\udfff"
    assert tokenizer.decode(tokenizer.encode(text)) == "abc"


def test_the_name_of_a_special_token_in_a_text_stays_text(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("a<|im_end|>b<|endoftext|>")
    assert not set(ids) & set(range(17))  # SmolLM2's special tokens are the first 17
    assert tokenizer.decode(ids) == "a<|im_end|>b<|endoftext|>"


def test_every_digit_is_a_token(tokenizer: Tokenizer) -> None:
    assert [label.text for label in tokenizer.labels(tokenizer.encode("2024"))] == list("2024")


def test_generation_stops_at_the_end_of_a_turn_and_of_a_text(tokenizer: Tokenizer) -> None:
    assert tokenizer.stop_ids == (0, 2)
    assert [label.text for label in tokenizer.labels(tokenizer.stop_ids)] == [
        "<|endoftext|>",
        "<|im_end|>",
    ]


def test_there_is_a_label_for_every_id_and_no_id_beyond(tokenizer: Tokenizer) -> None:
    assert tokenizer.vocab_size == 49152
    assert len(tokenizer.labels(range(tokenizer.vocab_size))) == tokenizer.vocab_size
    for wrong in (-1, tokenizer.vocab_size, 1 << 40):
        with pytest.raises(ValueError, match=f"{wrong} .* 49152"):
            tokenizer.labels([wrong])
        with pytest.raises(ValueError, match=f"{wrong} .* 49152"):
            tokenizer.decode([wrong])


def test_labels_carry_the_bytes_of_the_text(tokenizer: Tokenizer) -> None:
    for text in TEXTS:
        lost = set(tokenizer.lost(text))
        kept = "".join(c for c in text if c not in lost)
        ids = tokenizer.encode(text)
        labels = tokenizer.labels(ids)
        assert [label.id for label in labels] == ids
        assert b"".join(label.raw for label in labels) == kept.encode()


def test_a_label_can_be_read(tokenizer: Tokenizer) -> None:
    for text in TEXTS:
        for label in tokenizer.labels(tokenizer.encode(text)):
            assert label.text
            assert not label.text.startswith(" ")
            assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in label.text)
            assert 1 <= label.part <= label.parts


def shown(labels: Iterable) -> list[tuple[str, bool, int, int]]:
    return [(label.text, label.space, label.part, label.parts) for label in labels]


def test_the_bytes_of_one_character_are_joined_under_it(tokenizer: Tokenizer) -> None:
    assert shown(tokenizer.labels(tokenizer.encode("世界"))) == [
        ("世", False, 1, 2),
        ("世", False, 2, 2),
        ("界", False, 1, 3),
        ("界", False, 2, 3),
        ("界", False, 3, 3),
    ]


def test_a_fragment_that_also_holds_the_space_shows_the_space_once(tokenizer: Tokenizer) -> None:
    labels = tokenizer.labels(tokenizer.encode(" 😂"))
    assert labels[0].raw.startswith(b" ")
    assert len(labels) > 1
    assert {label.text for label in labels} == {"😂"}
    assert [label.space for label in labels] == [True] + [False] * (len(labels) - 1)


def test_a_character_that_is_not_finished_shows_its_bytes(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("界")
    assert shown(tokenizer.labels(ids[:-1])) == [
        ("<0xE7>", False, 1, 1),
        ("<0x95>", False, 1, 1),
    ]


def test_a_special_token_between_two_halves_keeps_them_apart(tokenizer: Tokenizer) -> None:
    first, *rest = tokenizer.encode("界")
    labels = tokenizer.labels([first, 2, *rest])
    assert [label.text for label in labels] == ["<0xE7>", "<|im_end|>", "<0x95>", "<0x8C>"]
    assert labels[1].raw == b""


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        # two characters in three tokens, the middle one with the end of one and the start of the
        # other: neither can be shown alone
        ([b"\xe3\x81", b"\xae\xe3\x81", b"\xaf"], [("のは", i, 3) for i in (1, 2, 3)]),
        ([b"a\xe3", b"\x81\xae", b"b"], [("aの", 1, 2), ("aの", 2, 2), ("b", 1, 1)]),
        ([b"\xae", b"x"], [("<0xAE>", 1, 1), ("x", 1, 1)]),
        ([b"\xe3\x81", b"x"], [("<0xE3><0x81>", 1, 1), ("x", 1, 1)]),
        ([b"", b"x"], [("", 1, 1), ("x", 1, 1)]),
    ],
    ids=["straddling", "letter before", "stray end", "cut short", "empty"],
)
def test_pieces_are_joined_where_a_character_runs_on(pieces, expected) -> None:
    labels = label_tokens(enumerate(pieces))
    assert [(label.text, label.part, label.parts) for label in labels] == expected
    assert [label.raw for label in labels] == pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n", "↵"),
        ("\t\x7f\x00", "⇥<U+007F><U+0000>"),
        ("\n    ", "↵␣␣␣␣"),
        ("   ", "␣␣␣"),
        ("a b", "a b"),
        ("\u200d\u202e\xa0\u3000", "<U+200D><U+202E><U+00A0><U+3000>"),
        ("\ud800", "<U+D800>"),
        ("\u0301", "◌\u0301"),
        ("e\u0301", "e\u0301"),
        ("�", "�"),
    ],
)
def test_what_cannot_be_seen_gets_a_sign(text: str, expected: str) -> None:
    assert readable(text) == expected


def test_spaces_alone_are_seen_and_a_leading_one_is_marked(tokenizer: Tokenizer) -> None:
    assert shown(tokenizer.labels(tokenizer.encode(" "))) == [("␣", False, 1, 1)]
    assert shown(tokenizer.labels(tokenizer.encode("Hi there"))) == [
        ("Hi", False, 1, 1),
        ("there", True, 1, 1),
    ]


@pytest.fixture
def sentencepiece() -> Tokenizer:
    """The other kind of Llama tokenizer: ▁ for a space, <0xE4> for the bytes of the unknown."""
    words = ["<unk>", "<s>", *(f"<0x{b:02X}>" for b in range(256)), "▁", "a", "▁a"]
    model = BPE(
        vocab={word: i for i, word in enumerate(words)},
        merges=[("▁", "a")],
        unk_token="<unk>",
        byte_fallback=True,
        fuse_unk=True,
    )
    inner = tokenizers.Tokenizer(model)
    inner.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    inner.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    inner.add_special_tokens(["<s>"])
    return Tokenizer(inner)


def test_a_sentencepiece_tokenizer_is_labelled_the_same_way(sentencepiece: Tokenizer) -> None:
    ids = sentencepiece.encode("a 世")
    assert sentencepiece.decode(ids) == "a 世"
    assert sentencepiece.lost("a 世\x04") == ""
    assert shown(sentencepiece.labels([1, *ids])) == [
        ("<s>", False, 1, 1),
        ("a", False, 1, 1),
        ("␣", False, 1, 1),
        ("世", False, 1, 3),
        ("世", False, 2, 3),
        ("世", False, 3, 3),
    ]


def test_a_row_of_the_model_without_a_token_is_named_by_its_number() -> None:
    inner = tokenizers.Tokenizer(WordLevel({"a": 0, "b": 3}, unk_token="a"))
    tokenizer = Tokenizer(inner, n_rows=6)
    assert [label.text for label in tokenizer.labels(range(6))] == [
        *("a", "<id 1>", "<id 2>", "b", "<id 4>", "<id 5>")
    ]
    assert tokenizer.decode(range(6)) == tokenizer.decode([0, 3])
    for ask in (tokenizer.labels, tokenizer.decode):
        with pytest.raises(ValueError, match="6 is not among"):
            ask([6])


def test_a_token_that_only_looks_like_a_byte_is_text() -> None:
    inner = tokenizers.Tokenizer(WordLevel({"<0xyz>": 0, "<0xE4>": 1}, unk_token="<0xyz>"))
    assert [label.raw for label in Tokenizer(inner).labels([0, 1])] == [b"<0xyz>", b"\xe4"]


def test_what_becomes_the_unknown_token_is_lost() -> None:
    inner = tokenizers.Tokenizer(WordLevel({"<unk>": 0, "a": 1}, unk_token="<unk>"))
    assert Tokenizer(inner).lost("aba") == "b"


def test_a_folder_without_a_tokenizer_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"tokenizer\.json is missing"):
        Tokenizer.from_folder(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"tokenizer\.json is not a tokenizer"):
        Tokenizer.from_folder(tmp_path)


@pytest.mark.parametrize(
    ("files", "stop_ids"),
    [
        ({}, ()),
        ({"config.json": '{"eos_token_id": 2}'}, (2,)),
        ({"config.json": '{"eos_token_id": null}'}, ()),
        ({"config.json": '{"eos_token_id": 2}', "generation_config.json": "{}"}, (2,)),
        (
            {
                "config.json": '{"eos_token_id": 2}',
                "generation_config.json": '{"eos_token_id": [0, 2]}',
            },
            (0, 2),
        ),
    ],
)
def test_stop_ids_come_from_the_configs(tmp_path: Path, files, stop_ids) -> None:
    tokenizers.Tokenizer(BPE(vocab={"a": 0}, merges=[])).save(str(tmp_path / "tokenizer.json"))
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert Tokenizer.from_folder(tmp_path).stop_ids == stop_ids
