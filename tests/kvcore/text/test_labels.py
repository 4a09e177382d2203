"""A label can be seen, whatever character a token holds."""

import sys
import unicodedata

import pytest

from kvcore.text.labels import label_tokens, readable

# Default_Ignorable_Code_Point as Unicode's DerivedCoreProperties.txt has it since version 16, in
# which the last two ranges stand for unassigned characters as well.
IGNORABLE = [
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
]
BLANK = (0x2800, 0x13441, 0x13442, 0x16FE4, 0x1D159, 0xFFFC)
UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zs", "Zl", "Zp")


def is_unseen(code: int) -> bool:
    character = chr(code)
    return (
        unicodedata.category(character) in UNSEEN
        or character.isspace()
        or code & 0xFFFE == 0xFFFE  # never a character
        or code in BLANK
        or character in "␣↵⇥"  # would be taken for what they stand for
        or any(first <= code <= last for first, last in IGNORABLE)
    )


def test_every_code_point_that_cannot_be_seen_gets_a_sign_and_no_other_does() -> None:
    for code in range(sys.maxunicode + 1):
        character, shown = chr(code), readable(chr(code))
        if is_unseen(code):
            assert shown in ("␣", "↵", "⇥", f"<U+{code:04X}>", f"<0x{code & 0xFF:02X}>"), hex(code)
        elif unicodedata.category(character)[0] == "M":
            assert shown == f"◌{character}", hex(code)
        elif unicodedata.category(character) != "Cn":  # newer than this Python's Unicode, perhaps
            assert shown == character, hex(code)


@pytest.mark.parametrize("wrap", ["{}", "a{}b", "{}b", "a{}", " {}", "{}{}"])
def test_it_gets_one_wherever_it_stands_in_a_token(wrap: str) -> None:
    for code in (0x3164, 0x2800, 0x34F, 0x115F, 0xFFA0, 0xFE0F, 0xE0101, 0xE0041, 0xFFFA, 0x202E):
        shown = readable(wrap.format(*[chr(code)] * 2))
        assert chr(code) not in shown
        assert "◌" not in shown
        assert f"<U+{code:04X}>" in shown


def test_the_name_of_a_special_token_is_to_be_seen_too() -> None:
    (label,) = label_tokens([(0, " \u3164<x>\u200b")])
    assert label.text == "␣<U+3164><x><U+200B>"
    assert label.raw == b""
