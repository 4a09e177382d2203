"""The kinds of tokenizer.json that Llama-family folders bring, small ones trained here."""

import json

import tokenizers
from tokenizers import AddedToken, Regex, decoders, normalizers, pre_tokenizers, trainers
from tokenizers.models import BPE, Unigram

from tests.kvcore.text.texts import TEXTS

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


def unigram() -> tokenizers.Tokenizer:
    """SentencePiece's other model, with a ▁ before every piece of text, as T5 has it."""
    vocab = json.loads(sentencepiece(metaspace=True).to_str())["model"]["vocab"]
    pieces = [(piece, -9.0) for piece in sorted(vocab, key=vocab.get)]
    inner = tokenizers.Tokenizer(Unigram(pieces, unk_id=0, byte_fallback=True))
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    inner.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    inner.add_special_tokens([AddedToken("<unk>", special=True), *SPECIAL])
    return inner


def byte_level_with_a_first_space() -> tokenizers.Tokenizer:
    """As RoBERTa has it: the first word of a text is written like any other."""
    inner = byte_level("{1,3}", nfc=False)
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return inner


KINDS = {
    "llama 3": lambda: byte_level("{1,3}", nfc=False),
    "qwen 2": lambda: byte_level("", nfc=True),
    "llama 2": lambda: sentencepiece(metaspace=False),
    "roberta": byte_level_with_a_first_space,
    "t5": unigram,
    "mistral": lambda: sentencepiece(metaspace=True),
}
