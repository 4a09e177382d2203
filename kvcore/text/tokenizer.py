"""Text to token ids and back, and labels a person can read; from a folder's tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from reprlib import repr as short

import tokenizers

from kvcore.records.checks import check_kind, flag, whole, whole_numbers
from kvcore.text.json_file import json_object
from kvcore.text.labels import TokenLabel, label_tokens
from kvcore.text.vocabulary import Vocabulary

__all__ = ["TokenLabel", "Tokenizer"]


class Tokenizer:
    """A model's tokenizer. Adds no special tokens, and takes none from a visitor's text.

    `n_rows` is how many ids its model can choose: those that have no token are named by number.
    """

    def __init__(
        self, inner: tokenizers.Tokenizer, stop_ids: tuple[int, ...] = (), *, n_rows: int = 0
    ) -> None:
        check_kind("inner", inner, tokenizers.Tokenizer)
        self._inner = inner
        self._inner.encode_special_tokens = True  # "<|im_end|>" typed by a visitor is plain text
        self._inner.no_truncation()  # a tokenizer.json may ask for both: made for training
        self._inner.no_padding()
        self.stop_ids = whole_numbers("stop_ids", stop_ids)
        self._vocabulary = Vocabulary(inner, whole("n_rows", n_rows, 0))
        self.largest_id = self._vocabulary.largest_id

    @classmethod
    def from_folder(cls, folder: str | Path, *, n_rows: int = 0) -> Tokenizer:
        """Read `tokenizer.json`, and the stop ids from the generation or model config beside it.

        Raises ValueError naming the file when it is missing or not a tokenizer.
        """
        check_kind("folder", folder, str, Path)
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
        return self._vocabulary.size

    def encode(self, text: str, *, mid_text: bool = False) -> list[int]:
        """The ids of `text`, without the characters that `lost` names.

        ValueError for a text that the tokenizer takes letter by letter but not as a whole.
        `mid_text`: as it is encoded behind another text, where SentencePiece adds no space.
        """
        check_kind("text", text, str)
        flag("mid_text", mid_text)
        # A control character vanishes by itself. Half of a surrogate pair would raise, and of a
        # longer character without a token for its first byte only a meaningless rest would stay.
        kept = "".join(c for c in text if c < "\x80" or self._encodable(c))
        try:
            return self._encoded(kept, mid_text)
        except ValueError:  # without an unknown token the library takes no unknown character
            taken = set(filter(self._taken, set(kept)))
            return self._encoded("".join(c for c in kept if c in taken), mid_text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, those without one left out; � where bytes make no character (yet)."""
        return self._vocabulary.text(self._checked(ids))

    def labels(self, ids: Sequence[int], *, mid_text: bool = False) -> list[TokenLabel]:
        """One label a token, read in the order given: fragments of a character find each other.

        `mid_text`: `ids` do not begin a text, so that a space of the first is part of the text.
        """
        ids = self._checked(ids)
        flag("mid_text", mid_text)
        return label_tokens(zip(ids, self._vocabulary.pieces(ids, mid_text=mid_text), strict=True))

    def _checked(self, ids: object) -> tuple[int, ...]:
        return whole_numbers("ids", ids, why=f": the ids of this tokenizer's {self.vocab_size}")

    def lost(self, text: str) -> str:
        """The characters of `text` that `encode` drops, in order: no token stands for them.

        May hold lone surrogates, which cannot be sent anywhere: `labels.readable` names them.
        """
        left_out = _left_out(text, self.decode(self.encode(text)))
        if left_out is None:  # the tokenizer writes some characters otherwise, as NFC does
            return "".join(c for c in text if not (self._encodable(c) and self._known(c)))
        return left_out

    def _encoded(self, text: str, mid_text: bool) -> list[int]:
        if mid_text and self._vocabulary.adds_space:
            for before in filter(self._taken, "\nx"):
                # It stays a token of its own, unless the text begins alike.
                first, both = self._ids(before), self._ids(before + text)
                if both[: len(first)] == first:
                    return both[len(first) :]
        return self._ids(text)

    def _ids(self, text: str) -> list[int]:
        try:
            return list(self._inner.encode(text, add_special_tokens=False).ids)
        except Exception as error:  # the library raises a bare Exception
            raise ValueError(f"the tokenizer does not take {short(text)}: {error}") from error

    def _taken(self, character: str) -> bool:
        try:
            self._ids(character)
        except ValueError:
            return False
        return True

    def _encodable(self, character: str) -> bool:
        if "\ud800" <= character <= "\udfff":
            return False
        return self._vocabulary.missing_bytes.isdisjoint(character.encode())

    @cached_property
    def _unknown_id(self) -> int | None:
        """The id that stands for what has no token, which not every model has an attribute for."""
        model = json.loads(self._inner.to_str())["model"]
        name = model.get("unk_token")
        unknown: int | None = model.get("unk_id") if name is None else self._inner.token_to_id(name)
        return unknown

    def _known(self, character: str) -> bool:
        ids = self._ids(character) if self._taken(character) else []
        return bool(ids) and self._unknown_id not in ids


def _left_out(text: str, kept: str) -> str | None:
    """The characters that `text` has and `kept` has not; None when that is not all they differ."""
    found, left_out = 0, []
    for character in text:
        if kept[found : found + 1] == character:
            found += 1
        else:
            left_out.append(character)
    return "".join(left_out) if found == len(kept) else None


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
