"""Words of a picture itself are drawn and measured in the fonts that lie beside it.

A visitor may write any character: what those fonts lack comes from the machine's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from kvcore.text.labels import OPEN_BOX, SIGNS
from ui.still.widths import widths

ROOT = Path(__file__).parents[3]
FONTS = ROOT / "assets" / "fonts" / "card"
CHINESE = "noto-sans-sc-400.otf"
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)


def sentences() -> Iterator[str]:
    """All that the site says in a language, titles and dates too, and signs of the figures."""
    for file in (ROOT / "ui" / "locale").glob("*/LC_MESSAGES/*.po"):
        for message in read_po(file.read_bytes().splitlines(keepends=True)):
            for said in (message.id, message.string):
                yield "".join(said) if isinstance(said, tuple) else said
    for folder in ("ui/language", "kvembed/languages"):
        yield from (file.read_text("utf-8") for file in (ROOT / folder).glob("*.py"))
    for file in (ROOT / "kvfront").rglob("*.js"):
        if file.name != "widths.js":
            yield COMMENT.sub("", file.read_text("utf-8"))
    yield OPEN_BOX + "".join(SIGNS.values())


@pytest.mark.parametrize("weight", [400, 600])
def test_every_character_that_the_site_says_has_a_glyph(weight: int) -> None:
    plex, chinese = (
        widths((FONTS / name).read_bytes()) for name in (f"plex-sans-{weight}.ttf", CHINESE)
    )
    said = set("".join(sentences())) - {"\n"}
    assert {"≤", "≥", "≈", "␣", "⁻", "↵", "层"} <= said
    assert not said - plex.keys() - chinese.keys()
    # The table of widths is of Plex; what is as broad as high is known without one.
    narrow = {char for char in said if unicodedata.east_asian_width(char) not in "WF"}
    assert not narrow - plex.keys()
