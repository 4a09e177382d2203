"""The tokenizer of the tiny decoder: English in byte-level pieces, each Chinese character whole."""

from __future__ import annotations

from tokenizers import AddedToken, Regex, Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE

from training.corpus import Corpus

BYTES = 256  # the first entries
ENGLISH = 1536  # entries of the byte-level BPE, the bytes among them
END = "<|endoftext|>"  # stands between two texts
WHOLE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"  # characters and their punctuation


def train(corpus: Corpus) -> Tokenizer:
    """A byte-level BPE of the book, to which every character of the poems is added.

    A character is one piece for the pre-tokenizer, and `ignore_merges` takes a piece that is in
    the vocabulary as it is: so a known character needs no merges, and an unknown one falls back
    to its bytes.
    """
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    english = Tokenizer(BPE())
    english.pre_tokenizer = byte_level
    english.train_from_iterator(
        corpus.chapters,
        trainers.BpeTrainer(
            vocab_size=ENGLISH,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    english.model.ignore_merges = True
    vocabulary = english.get_vocab()
    for character in sorted({c for poem in corpus.poems for c in poem}):
        (piece, _), *_ = byte_level.pre_tokenize_str(character)
        vocabulary.setdefault(piece, len(vocabulary))
    merges = _merges(english)
    whole = Tokenizer(BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    whole.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(WHOLE), "isolated"), byte_level]
    )
    whole.decoder = decoders.ByteLevel()
    whole.add_special_tokens([AddedToken(END, special=True, normalized=False)])
    return whole


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    import json

    return [tuple(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]
