"""The keys of a JSON object to checked values: every error names key and value."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import repr as short
from typing import Any

from kvcore.records.checks import LARGEST


class Keys:
    """The keys of one JSON object. Each is read with the type it must have, else ValueError.

    `optional` gives the value of keys that are absent; `inside` is the key that the object itself
    stands under, for the messages.
    """

    def __init__(
        self, raw: Mapping[str, Any], optional: Mapping[str, Any], inside: str = ""
    ) -> None:
        self._raw = raw
        self._optional = optional
        self._prefix = f"{inside}." if inside else ""

    def get(self, key: str) -> Any:
        """Whatever the key holds; None for null, and for an absent key without a default."""
        return self._raw.get(key, self._optional.get(key))

    def reads(self, key: str) -> bool:
        """Whether it is one of the optional keys."""
        return key in self._optional

    def whole(self, key: str, least: int = 1, absent: int | None = None, why: str = "") -> int:
        """A whole number from `least` to 2^24; `absent`, if given, in the place of null.

        `why` ends the message when it is another one.
        """
        if absent is not None and self.get(key) is None:
            return absent
        value = self._present(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"must be a whole number{why}")
        if not least <= value <= LARGEST:
            raise self.wrong(key, f"must be from {least} to {LARGEST}{why}")
        return value

    def positive(self, key: str) -> float:
        """A finite number above 0."""
        value = self._present(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "must be a number")
        if not 0 < value <= 1e300:  # nor NaN, nor a whole number too long for a float
            raise self.wrong(key, "must be above 0 and finite")
        return float(value)

    def flag(self, key: str) -> bool:
        """true or false; False where it is not one of the optional keys."""
        if not self.reads(key):
            return False
        value = self.get(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def wrong(self, key: str, must: str) -> ValueError:
        return ValueError(f"{self._prefix}{key}={short(self.get(key))} {must}")

    def _present(self, key: str) -> Any:
        value = self.get(key)
        if value is None:
            raise ValueError(f"lacks {self._prefix}{key}")
        return value
