"""What the tiny decoder reads in each step: rows of token ids, drawn with a seed."""

from __future__ import annotations

import re

import numpy as np
from tokenizers import Tokenizer

from training.corpus import Corpus
from training.tokens import END

ROW = 256  # tokens, and the longest context the model knows
POEM_ROWS, BOOK_ROWS = 3, 3  # of a batch, besides one opening and one row that repeats
ROWS = POEM_ROWS + BOOK_ROWS + 2
FAMOUS = 10
REPEATED = (8, 64)  # tokens that such a row says over and over
REHEARSAL_ROWS = 32
REHEARSED, SHORT = 64, (4, 24)  # tokens of a row of the rehearsal, and how many it repeats
WORDS = (256, 512)  # the first entries after the bytes, enough to rehearse with


class Batches:
    """`next_batch()` gives (ROWS, ROW) ids: about a third poems, most of the rest the book.

    - poems: one poem after the other, the first from its beginning or from one of its verses;
    - openings: a chapter from its first word, the first one FAMOUS times as often as any other, so
      that "Call me Ishmael." is followed by its page;
    - book: from the beginning of a sentence or from anywhere;
    - repeats: a passage of the book over and over, or a few words in any order over and over. These
      can be foretold only by looking back at what followed the same token before.

    One small book alone teaches nothing of the last kind, however long it is read:
    `next_rehearsal()` gives short rows of a few tokens over and over, to begin with. After about
    200 steps of them a head has learned to look back (an induction head: Olsson et al. 2022, arXiv
    2209.11895), and the repeats in each batch keep it.
    """

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, seed: int) -> None:
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
        self.openings = [first] * FAMOUS + others
        stops = [i for token, i in tokenizer.get_vocab().items() if token in (".", "!", "?")]
        starts = np.flatnonzero(np.isin(self.book, stops)) + 1
        self.sentences = starts[starts < len(self.book) - ROW]

    def next_batch(self) -> np.ndarray:
        """The rows of one step."""
        rows = [self._poems() for _ in range(POEM_ROWS)]
        rows += [self._book(self._start()) for _ in range(BOOK_ROWS)]
        rows.append(self._book(self.rng.choice(self.openings)))
        if self.rng.random() < 0.5:
            rows.append(self._repeat(self._book(self._start()), REPEATED, ROW))
        else:
            rows.append(self._repeat(self.rng.choice(self.words, ROW), REPEATED, ROW))
        return np.stack(rows)

    def next_rehearsal(self) -> np.ndarray:
        """(REHEARSAL_ROWS, REHEARSED) ids: a few words over and over, other ones in each row."""
        rows = self.rng.choice(self.words, size=(REHEARSAL_ROWS, REHEARSED))
        return np.stack([self._repeat(row, SHORT, REHEARSED) for row in rows])

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

    def _repeat(self, ids: np.ndarray, lengths: tuple[int, int], size: int) -> np.ndarray:
        return np.resize(ids[: self.rng.integers(*lengths)], size)


def _from_each_verse(poem: str) -> list[str]:
    """What is left of a poem from each of its later verses on."""
    return [poem[match.end() :] for match in re.finditer("[，。？！；：]", poem[:-1])]
