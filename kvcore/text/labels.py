"""Token labels: the bytes of tokens as text a person can read.

A byte-level tokenizer cuts wherever its merges end, so one Chinese character or emoji may be two to
four tokens. Here the bytes of neighbours are joined, and each token is named by what it is part of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

import regex

OPEN_BOX = "\N{OPEN BOX}"  # a space, wherever a token is named
SIGNS = {"\n": "↵", "\t": "⇥"}

# No property says that a glyph is blank. Of what the properties leave, these paint nothing: the
# empty Braille cell, two hieroglyphic blanks, the Khitan filler, the null notehead, and the place
# of an object that is not there.
_BLANK = "\u2800\U00013441\U00013442\U00016fe4\U0001d159\ufffc"
_UNSEEN = regex.compile(
    r"[\p{C}\p{Z}\p{White_Space}\p{Default_Ignorable_Code_Point}" + _BLANK + "]"
)
_TAKEN = {OPEN_BOX, *SIGNS.values()}  # typed as such, they would be taken for what they stand for
_MARK = regex.compile(r"\p{M}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenLabel:
    """One token as it is drawn.

    `text` never starts with a space and never has an invisible character: a line break is ↵, a tab
    ⇥, another invisible character its code point (<U+200D>), a byte that belongs to no character
    <0xE4>, a special token its name, a token of spaces alone as many open boxes (␣).
    Tokens that share a character all carry the joined text, and say which `part` of how many
    `parts` they are; a whole token is part 1 of 1.
    """

    id: int
    text: str
    space: bool  # a leading space was there, which `text` leaves out
    part: int
    parts: int
    raw: bytes  # the bytes the token stands for; none for a special token

    @property
    def name(self) -> str:
        """The token in a sentence, a table or a menu."""
        return named(self.text, self.space, self.part, self.parts)


def named(text: str, space: bool, part: int, parts: int) -> str:
    """A label in running text: ␣the where a space leads, 猫 2/3 for a fragment of a character."""
    fragment = f" {part}/{parts}" if parts > 1 else ""
    return f"{OPEN_BOX if space else ''}{text}{fragment}"


def label_tokens(pieces: Iterable[tuple[int, bytes | str]]) -> list[TokenLabel]:
    """Label neighbouring tokens, each given as its id and its bytes (special: its name, a str)."""
    labels: list[TokenLabel] = []
    run: list[tuple[int, bytes]] = []
    for token_id, piece in pieces:
        if isinstance(piece, bytes):
            run.append((token_id, piece))
            continue
        labels += _label_run(run)
        run = []
        labels.append(
            TokenLabel(id=token_id, text=readable(piece), space=False, part=1, parts=1, raw=b"")
        )  # a special token ends the run: no character goes on behind it
    labels += _label_run(run)
    return labels


def readable(text: str) -> str:
    """`text` with a visible sign for every invisible character but a space between two others.

    Invisible is what Unicode's properties call so (control, format, unassigned, private, surrogate,
    white space, default ignorable), and the few characters whose glyph is blank.
    """
    body = text.strip(" ")
    before, after = (text.split(body, 1) if body else (text, ""))[:2]
    if _MARK.match(body) and not _UNSEEN.match(body):  # a mark needs something to sit on
        body = "\N{DOTTED CIRCLE}" + body
    shown = "".join(map(_picture, body))
    return OPEN_BOX * len(before) + shown + OPEN_BOX * len(after)


def _label_run(run: list[tuple[int, bytes]]) -> Iterator[TokenLabel]:
    data = b"".join(raw for _, raw in run)
    # surrogateescape: each byte that belongs to no character becomes one code point of its own
    sizes = (len(c.encode("utf-8", "surrogateescape")) for c in _decode(data))
    character_ends = set(accumulate(sizes))
    group: list[tuple[int, bytes]] = []
    end = 0
    for token in run:
        group.append(token)
        end += len(token[1])
        if end in character_ends or end == 0:
            yield from _label_group(group)
            group = []


def _label_group(group: list[tuple[int, bytes]]) -> Iterator[TokenLabel]:
    text = _decode(b"".join(raw for _, raw in group))
    space = text[:1] == " " and text.strip(" ") != ""
    shown = readable(text[1:] if space else text)
    for i, (token_id, raw) in enumerate(group):
        yield TokenLabel(
            id=token_id,
            text=shown,
            space=space and i == 0,
            part=i + 1,
            parts=len(group),
            raw=raw,
        )


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _picture(character: str) -> str:
    # Unicode's control pictures (U+2400 on) would do, but few fonts have them.
    if character in SIGNS:
        return SIGNS[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape
        return f"<0x{code - 0xDC00:02X}>"
    if character == " ":
        return character
    if character in _TAKEN or _UNSEEN.match(character):
        return f"<U+{code:04X}>"
    return character
