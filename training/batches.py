"""What the tiny decoder reads in each step: rows of token ids, drawn with a seed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from training.corpus import Corpus
from training.tokens import END

ROW = 256  # tokens, and the longest context the model knows
REPEATED = (8, 64)  # tokens that a row says over and over
WORDS = (256, 512)  # ids of the first entries after the bytes


@dataclass(frozen=True, kw_only=True)
class Mix:
    """How many rows of each kind a batch has."""

    poems: int  # one poem after the other, the first from its beginning or from one of its verses
    openings: int  # a chapter of the book from its first word
    passages: int  # a passage of the book over and over
    book: int  # the book from the beginning of a sentence or from anywhere
    words: int = 0  # a few of WORDS over and over, in an order that says nothing
    famous: int = 1  # how many times as often "Call me Ishmael." is the opening as any other


class Batches:
    """`next_batch()` gives (rows, ROW) ids, drawn as `mix` says.

    Rows that repeat can be foretold only by looking back at what followed the same token before
    (Olsson et al. 2022, "In-context learning and induction heads", arXiv 2209.11895). One small
    book alone does not teach that.
    """

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, mix: Mix, seed: int) -> None:
        self.mix = mix
        self.rng = np.random.default_rng(seed)
        self.end = tokenizer.token_to_id(END)
        self.words = np.arange(WORDS[0], min(WORDS[1], self.end))

        def encode(text: str) -> list[int]:
            return [*tokenizer.encode(text).ids, self.end]

        self.poems = [encode(poem) for poem in corpus.poems]
        self.endings = [encode(rest) for poem in corpus.poems for rest in _from_each_verse(poem)]
        chapters = [encode(chapter) for chapter in corpus.chapters]
        self.book = np.concatenate(chapters)
        first, *others = np.cumsum([0, *map(len, chapters[:-1])])
        self.openings = [first] * mix.famous + others
        stops = [i for token, i in tokenizer.get_vocab().items() if token in (".", "!", "?")]
        starts = np.flatnonzero(np.isin(self.book, stops)) + 1
        self.sentences = starts[starts < len(self.book) - ROW]

    def next_batch(self) -> np.ndarray:
        """The rows of one step."""
        rows = [self._poems() for _ in range(self.mix.poems)]
        rows += [self._book(self.rng.choice(self.openings)) for _ in range(self.mix.openings)]
        rows += [self._repeat(self._length(), self._start()) for _ in range(self.mix.passages)]
        rows += [self._book(self._start()) for _ in range(self.mix.book)]
        rows += [self._words(self._length()) for _ in range(self.mix.words)]
        return np.stack(rows)

    def _poems(self) -> np.ndarray:
        first = self.poems if self.rng.random() < 0.7 else self.endings
        row = list(first[self.rng.integers(len(first))])
        while len(row) < ROW:
            row += self.poems[self.rng.integers(len(self.poems))]
        return np.array(row[:ROW])

    def _book(self, start: int) -> np.ndarray:
        start = min(start, len(self.book) - ROW)
        return self.book[start : start + ROW]

    def _start(self) -> int:
        if self.rng.random() < 0.5:
            return int(self.rng.choice(self.sentences))
        return int(self.rng.integers(len(self.book) - ROW))

    def _length(self) -> int:
        return int(self.rng.integers(*REPEATED))

    def _repeat(self, n: int, start: int) -> np.ndarray:
        return np.resize(self._book(start)[:n], ROW)

    def _words(self, n: int) -> np.ndarray:
        return np.resize(self.rng.choice(self.words, n), ROW)


def _from_each_verse(poem: str) -> list[str]:
    """What is left of a poem from each of its later verses on."""
    return [poem[match.end() :] for match in re.finditer("[，。？！；：]", poem[:-1])]
