"""Token labels on their way to the browser."""

from collections.abc import Sequence
from typing import Protocol, TypedDict

from kvcore.text.labels import named


class Label(Protocol):
    """The parts of a token's label that a figure needs: kvcore's TokenLabel has them."""

    @property
    def text(self) -> str: ...
    @property
    def space(self) -> bool: ...
    @property
    def part(self) -> int: ...
    @property
    def parts(self) -> int: ...


class SentLabel(TypedDict):
    text: str
    space: bool
    part: int
    parts: int


def name(token: SentLabel) -> str:
    """A token in a sentence, a table or a menu."""
    return named(token["text"], token["space"], token["part"], token["parts"])


def sent(tokens: Sequence[Label]) -> list[SentLabel]:
    """The labels as kvfront/shared/tokens.js reads them."""
    return [
        {"text": token.text, "space": token.space, "part": token.part, "parts": token.parts}
        for token in tokens
    ]
