"""Batches that the tiny decoder reads, one a step: rows of token ids, drawn with a seed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from training.corpus import Corpus
from training.tokens import BYTES, END, ENGLISH

ROW = 256  # tokens, and the longest context the model knows
SNIPPET = 64  # tokens
REHEARSED = (8, 33)  # tokens that a rehearsal says twice and more
REHEARSAL = (8, 64)  # rows, and tokens of each


@dataclass(frozen=True, kw_only=True)
class Mix:
    """How many rows of each kind a batch has."""

    poems: int  # one poem after the other, the first from its beginning or from one of its verses
    book: int  # the book from a chapter's first word, from the beginning of a sentence, or anywhere
    snippets: int = 1  # sentences of the book and what follows, each on a short row of its own
    openings: float = 0.0  # the share of the book's rows that begin with a chapter
    famous: int = 1  # how many times as often "Call me Ishmael." is the opening as any other


class Batches:
    """`next_batch()` gives (rows, ROW) ids, drawn as `mix` says; `rehearsal()` repeats itself."""

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, mix: Mix, seed: int) -> None:
        self.mix = mix
        self.rng = np.random.default_rng(seed)
        self.end = tokenizer.token_to_id(END)
        self.words = np.arange(BYTES, min(ENGLISH, self.end))

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
        # 8 characters a token are more than enough.
        begun = [c[i : i + 8 * SNIPPET] for c in corpus.chapters for i in _sentences(c)]
        tokens = [each.ids[:SNIPPET] for each in tokenizer.encode_batch(begun)]
        self.snippets = [ids for ids in tokens if len(ids) == SNIPPET]

    def next_batch(self) -> np.ndarray:
        """The rows of one step."""
        rows = [self._poems() for _ in range(self.mix.poems)]
        rows += [self._book(self._start()) for _ in range(self.mix.book)]
        return np.stack(rows)

    def next_snippets(self) -> np.ndarray:
        """Short rows of one step, (snippets, SNIPPET): how the book goes on from a few words.

        They begin as a visitor's prompt does, with nothing before them and no space.
        """
        drawn = self.rng.integers(len(self.snippets), size=self.mix.snippets)
        return np.array([self.snippets[i] for i in drawn])

    def rehearsal(self) -> tuple[np.ndarray, int]:
        """Rows that say a few tokens over and over, and how many come before the first comes again.

        Half of them say random words, half a piece of the book. From there on they can be foretold,
        random words only by looking back at what followed the same token before (Olsson et al.
        2022, "In-context learning and induction heads", arXiv 2209.11895). One small book alone
        does not teach that.
        """
        n_rows, n_tokens = REHEARSAL
        n = int(self.rng.integers(*REHEARSED))
        said = [self.rng.choice(self.words, n) for _ in range(n_rows // 2)]
        said += [self._book(self._start())[:n] for _ in range(n_rows - len(said))]
        return np.stack([np.resize(tokens, n_tokens) for tokens in said]), n

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
        if self.rng.random() < self.mix.openings:
            return int(self.rng.choice(self.openings))
        if self.rng.random() < 0.5:
            return int(self.rng.choice(self.sentences))
        return int(self.rng.integers(len(self.book) - ROW))


def _sentences(chapter: str) -> list[int]:
    """Where the sentences of a chapter begin."""
    return [0, *(match.end() for match in re.finditer(r"[.!?][\"')]*\s+", chapter))]


def _from_each_verse(poem: str) -> list[str]:
    """The rest of a poem from each of its later verses on."""
    return [poem[match.end() :] for match in re.finditer("[，。？！；：]", poem[:-1])]


def after_the_same(rows: np.ndarray) -> np.ndarray:
    """Where each token of `rows` (N, T) finds what followed it last time: positions (N, T).

    That is one after the latest earlier place of the same token, and 0 where there is none.
    """
    found = np.zeros_like(rows)
    for row, places in zip(rows, found, strict=True):
        latest: dict[int, int] = {}
        for place, token in enumerate(row.tolist()):
            places[place] = latest.get(token, -1) + 1
            latest[token] = place
    return found
