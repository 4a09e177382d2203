"""The meanings of a tokenizer's ids: the bytes of a text, or the name of a special token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, groupby

import tokenizers

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")  # as SentencePiece names the bytes of what is unknown
_BEFORE = "x"  # spelt before a token, so that it is spelt as in the middle of a text


class Vocabulary:
    """The part of a text that each token is.

    An added token is the text that it is named by, whatever its letters mean in this vocabulary.
    One that the model also writes by itself has one id for two meanings: it is the bytes that the
    model means where they make characters with their neighbours, and its name where they do not.
    `n_rows` is how many ids the model can choose: those that have no token are named by number.
    """

    def __init__(self, inner: tokenizers.Tokenizer, n_rows: int = 0) -> None:
        self._inner, self._n_rows = inner, n_rows
        added = inner.get_added_tokens_decoder().items()
        self._special = {i: token.content for i, token in added if token.special}
        # id_to_token gives what a normaliser makes of the content
        texts = {i: token.content for i, token in added if not token.special}
        self._two_meanings = {
            i: text for i, text in texts.items() if self._written_by_model(i, text)
        }
        self._added = {i: text for i, text in texts.items() if i not in self._two_meanings}
        known = inner.get_vocab(with_added_tokens=True)
        self.size = len(known)
        spelt = inner.get_vocab(with_added_tokens=False).values()
        self.largest_id = max((*spelt, *texts), default=-1)  # that a text can have
        self._byte_level = "ByteLevel" in repr(inner.decoder)
        self.missing_bytes = (
            frozenset(b for c, b in _BYTE_OF.items() if c not in known)
            if self._byte_level
            else frozenset()
        )
        self._gap = self._spelt([_BEFORE])[: -len(_BEFORE)]  # WordPiece: a space between words
        first = self._first_cut("a")
        self.adds_space = self._spelt([first]).startswith(" ")  # before a text, as SentencePiece
        at_start_alone = first == "a" or "prepend_scheme=first" in repr(inner.pre_tokenizer)
        self._adds_space_after_added = self.adds_space and not at_start_alone

    def pieces(self, ids: Sequence[int], *, mid_text: bool = False) -> list[bytes | str]:
        """The bytes of each token, without the space that the tokenizer itself adds.

        A str is a name: of a special token, of an id without one, of one that spells nothing; and
        one that is nothing but that space is called " ".
        """
        pieces: list[bytes | str] = []
        own_space = self.adds_space and not mid_text
        for i, content in zip(ids, self._contents(ids), strict=True):
            if (name := self._name_alone(i)) is not None:
                pieces.append(name)
                continue
            spelt, added = self._bytes(i, content), content is not None
            own = own_space and (self._gap or not added)
            data = spelt.removeprefix(b" ") if own else spelt
            pieces.append(data or spelt.decode() or self._name(i) or _numbered(i))
            own_space = self._adds_space_after_added and added
        return pieces

    def text(self, ids: Sequence[int]) -> str:
        """The text as the tokenizer's decoder spells it; ids without a text are left out."""
        text, own_space = "", self.adds_space
        kept = [i for i in ids if self._name_alone(i) is None]
        tokens = zip(kept, self._contents(kept), strict=True)
        for added, run in groupby(tokens, lambda token: token[1] is not None):
            names = [content or self._name(i) for i, content in run]
            spelt = "".join(self._gap + name for name in names) if added else self._spelt(names)
            if own_space and (self._gap or not added):
                spelt = spelt.removeprefix(" ")
            text += spelt
            own_space = self._adds_space_after_added and added
        return text

    def _name_alone(self, token_id: int) -> str | None:
        """The name of a token without a text: a special one, or a row that has no token."""
        if 0 <= token_id < self._n_rows and self._inner.id_to_token(token_id) is None:
            return _numbered(token_id)
        return self._special.get(token_id)

    def _contents(self, ids: Sequence[int]) -> list[str | None]:
        """Of each token the text that it is named by, if it is read as that among these."""
        contents = [self._added.get(i) for i in ids]
        if self._two_meanings.keys().isdisjoint(ids):
            return contents
        spelt = [
            (self._name_alone(i) or "").encode() or self._bytes(i, content)
            for i, content in zip(ids, contents, strict=True)
        ]
        ends = list(accumulate(map(len, spelt)))
        broken = _outside_characters(b"".join(spelt))
        for n, i in enumerate(ids):
            if i in self._two_meanings and broken & set(range(ends[n] - len(spelt[n]), ends[n])):
                contents[n] = self._two_meanings[i]
        return contents

    def _bytes(self, token_id: int, content: str | None) -> bytes:
        if content is not None:
            return (self._gap + content).encode()
        name = self._name(token_id)
        if self._byte_level and all(c in _BYTE_OF for c in name):
            return bytes(_BYTE_OF[c] for c in name)
        if not self._byte_level and (byte := _BYTE.fullmatch(name)):
            return bytes.fromhex(byte[1])
        return self._spelt([name]).encode()

    def _name(self, token_id: int) -> str:
        name = self._inner.id_to_token(token_id) if 0 <= token_id < 1 << 32 else None
        if name is None:
            raise ValueError(f"token id {token_id} is not among this tokenizer's {self.size}")
        return name

    def _spelt(self, names: list[str]) -> str:
        spell = self._inner.decoder.decode if self._inner.decoder else " ".join
        return spell([_BEFORE, *names])[len(_BEFORE) :]

    def _written_by_model(self, token_id: int, content: str) -> bool:
        try:
            return [token.id for token in self._inner.model.tokenize(content)] == [token_id]
        except Exception:  # the library raises a bare Exception for what the model does not know
            return False

    def _first_cut(self, text: str) -> str:
        if self._inner.normalizer:
            text = self._inner.normalizer.normalize_str(text)
        cuts = self._inner.pre_tokenizer.pre_tokenize_str(text) if self._inner.pre_tokenizer else []
        return cuts[0][0] if cuts else text


def _outside_characters(data: bytes) -> set[int]:
    """Where the bytes stand that belong to no character."""
    characters = data.decode("utf-8", "surrogateescape")  # each such byte as half a surrogate pair
    ends = accumulate(len(c.encode("utf-8", "surrogateescape")) for c in characters)
    return {end - 1 for c, end in zip(characters, ends, strict=True) if "\udc80" <= c <= "\udcff"}


def _numbered(token_id: int) -> str:
    return f"<id {token_id}>"


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's visible stand-in for each byte: itself where it has ink, else from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [b for b in range(256) if b not in visible]
    return {chr(b): b for b in visible} | {chr(256 + i): b for i, b in enumerate(hidden)}


_BYTE_OF = _byte_alphabet()
