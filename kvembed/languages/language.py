"""The facts and words of a language that the site and its plugins need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ElementWords:
    """The words of <kv-cache>: kvembed/element asks for each by this name."""

    name: str
    poster: str
    play: str
    wait: str
    dead: str
    silent: str
    sandboxed: str
    unplayed: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language with all that the plugin says in it. None of its parts can be forgotten.

    ValueError for a tag whose first part is not two or three small letters.
    """

    tag: str  # of a document: zh-Hans. Its first part names the language in an address
    name: str  # in itself
    locale: str  # in a link preview
    cjk: bool  # whether its titles are set in a Chinese face first
    titles: Mapping[str, str]  # of the pages, by their names in the contract
    abouts: Mapping[str, str]  # what each parameter of the contract does
    columns: tuple[str, str, str]  # of the table of parameters
    text: str  # how that table calls a text of at most `most` characters
    names: str  # and some of several `words`
    comma: str  # between words
    open: str  # what a link to the live view says
    element: ElementWords

    def __post_init__(self) -> None:
        if not (self.code.isascii() and self.code.islower() and len(self.code) in (2, 3)):
            raise ValueError(f"tag={self.tag!r} must begin with a code such as 'en' of ISO 639")

    @property
    def code(self) -> str:
        return self.tag.partition("-")[0]
