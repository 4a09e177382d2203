"""Text to token ids and back, and labels a person can read; from a folder's tokenizer.json."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import tokenizers

from kvcore.hf_keys import json_object
from kvcore.labels import TokenLabel, label_tokens

__all__ = ["TokenLabel", "Tokenizer"]


class Tokenizer:
    """A model's tokenizer. Adds no special tokens, and takes none from a visitor's text.

    `n_rows` is how many ids its model can choose: those that have no token are named by number.
    """

    def __init__(
        self, inner: tokenizers.Tokenizer, stop_ids: tuple[int, ...] = (), *, n_rows: int = 0
    ) -> None:
        self._inner = inner
        self._n_rows = n_rows
        self._inner.encode_special_tokens = True  # "<|im_end|>" typed by a visitor is plain text
        self._inner.no_truncation()  # a tokenizer.json may ask for both: made for training
        self._inner.no_padding()
        self.stop_ids = stop_ids
        added = self._inner.get_added_tokens_decoder().items()
        self._special = {i: token.content for i, token in added if token.special}
        self._byte_level = "ByteLevel" in repr(self._inner.decoder)
        self._unknown = _unknown_id(self._inner)
        known = self._inner.get_vocab(with_added_tokens=True)
        self.largest_id = max(known.values(), default=-1)
        self._missing_bytes = (
            frozenset(b for c, b in _BYTE_OF.items() if c not in known)
            if self._byte_level
            else frozenset()
        )

    @classmethod
    def from_folder(cls, folder: str | Path, *, n_rows: int = 0) -> Tokenizer:
        """Read `tokenizer.json`, and the stop ids from the generation or model config beside it.

        Raises ValueError naming the file when it is missing or not a tokenizer.
        """
        path = Path(folder) / "tokenizer.json"
        if not path.is_file():
            raise ValueError(f"{path} is missing: a model folder needs its tokenizer.json")
        try:
            inner = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises a bare Exception
            raise ValueError(f"{path} is not a tokenizer.json: {error}") from error
        return cls(inner, _stop_ids(Path(folder)), n_rows=n_rows)

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special tokens included."""
        return self._inner.get_vocab_size(with_added_tokens=True)

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, without the characters that `lost` names."""
        # A control character vanishes by itself. Half of a surrogate pair would raise, and of a
        # longer character without a token for its first byte only a meaningless rest would stay.
        kept = "".join(c for c in text if c < "\x80" or self._encodable(c))
        return list(self._inner.encode(kept, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, those without one left out; � where bytes make no character (yet)."""
        texts = [i for i in ids if not self._name(i)]
        for i in texts:
            self._token(i)  # an id of nothing would vanish without a word
        return self._inner.decode(texts, skip_special_tokens=True)

    def labels(self, ids: Sequence[int]) -> list[TokenLabel]:
        """One label a token, read in the order given: fragments of a character find each other."""
        return label_tokens((i, self._name(i) or self._raw(i)) for i in ids)

    def lost(self, text: str) -> str:
        """The characters of `text` that `encode` drops, in order: the model has no token for them.

        May hold lone surrogates, which cannot be sent anywhere: `labels.readable` names them.
        """
        return "".join(c for c in text if not (self._encodable(c) and self._known(c)))

    def _encodable(self, character: str) -> bool:
        if "\ud800" <= character <= "\udfff":
            return False
        return self._missing_bytes.isdisjoint(character.encode())

    def _known(self, character: str) -> bool:
        if self._byte_level:
            return True
        ids = self._inner.encode(character, add_special_tokens=False).ids
        return bool(ids) and self._unknown not in ids

    def _name(self, token_id: int) -> str | None:
        """What a token without a text is called: a special one, or a row that has no token."""
        if 0 <= token_id < self._n_rows and self._inner.id_to_token(token_id) is None:
            return f"<id {token_id}>"
        return self._special.get(token_id)

    def _raw(self, token_id: int) -> bytes:
        token = self._token(token_id)
        if self._byte_level and all(c in _BYTE_OF for c in token):
            return bytes(_BYTE_OF[c] for c in token)
        if not self._byte_level and (byte := _BYTE.fullmatch(token)):
            return bytes.fromhex(byte[1])
        return token.replace("\u2581", " ").encode()  # SentencePiece writes a space as ▁

    def _token(self, token_id: int) -> str:
        token = self._inner.id_to_token(token_id) if 0 <= token_id < 1 << 32 else None
        if token is None:
            raise ValueError(f"token id {token_id} is not among this tokenizer's {self.vocab_size}")
        return token


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's visible stand-in for each byte: itself where it has ink, else from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [b for b in range(256) if b not in visible]
    return {chr(b): b for b in visible} | {chr(256 + i): b for i, b in enumerate(hidden)}


_BYTE_OF = _byte_alphabet()
_BYTE = re.compile("<0x([0-9A-Fa-f]{2})>")  # what byte fallback calls the tokens of single bytes


def _unknown_id(inner: tokenizers.Tokenizer) -> int | None:
    name = getattr(inner.model, "unk_token", None)
    return inner.token_to_id(name) if name else None


def _stop_ids(folder: Path) -> tuple[int, ...]:
    for name in ("generation_config.json", "config.json"):
        path = folder / name
        stop = json_object(path).get("eos_token_id") if path.is_file() else None
        if stop is not None:
            ids = stop if isinstance(stop, list) else [stop]
            if not all(isinstance(i, int) and i >= 0 for i in ids):
                raise ValueError(f"{path}: eos_token_id={stop!r} must be an id or a list of ids")
            return tuple(ids)
    return ()
