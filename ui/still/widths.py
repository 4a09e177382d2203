"""Write kvfront/shared/svg/widths.js, by which pictures measure text: `python -m ui.still.widths`.

It is read from the fonts' own tables, so that a label is as wide in a picture as in the page.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ui.front import KVFRONT
from ui.language.i18n import ROOT

TABLE: Final = KVFRONT / "shared" / "svg" / "widths.js"
_FONTS: Final = ROOT / "assets" / "fonts" / "card"
_WEIGHTS: Final = {400: "plex-sans-400.ttf", 600: "plex-sans-600.ttf"}
_ROOM: Final = 95  # letters of a line
_HEAD: Final = """\
/** How wide the characters of our own fonts are, in em / 1000. Written by ui/still/widths.py. */
"""


def widths(font: bytes) -> dict[str, int]:
    """The advance of every character that a TrueType font has, in em / 1000."""
    tables = dict(_tables(font))
    (per_em,) = struct.unpack_from(">H", font, tables["head"] + 18)
    (measured,) = struct.unpack_from(">H", font, tables["hhea"] + 34)
    advance = struct.unpack_from(">" + "Hh" * measured, font, tables["hmtx"])[::2]
    return {
        char: round(1000 * advance[min(glyph, measured - 1)] / per_em)
        for char, glyph in _glyphs(font, tables["cmap"])
    }


def _tables(font: bytes) -> Iterator[tuple[str, int]]:
    """Where each table begins, by its name."""
    (count,) = struct.unpack_from(">H", font, 4)
    for i in range(count):
        name, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * i)
        yield name.decode("ascii"), offset


def _glyphs(font: bytes, cmap: int) -> Iterator[tuple[str, int]]:
    """The glyph of each character, of the table for the Basic Multilingual Plane (format 4)."""
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    at = next(
        cmap + offset
        for i in range(count)
        for platform, encoding, offset in [struct.unpack_from(">HHI", font, cmap + 4 + 8 * i)]
        if (platform, encoding) == (3, 1)
    )
    (segments,) = struct.unpack_from(">H", font, at + 6)
    row = f">{segments // 2}H"
    ends = struct.unpack_from(row, font, at + 14)
    starts = struct.unpack_from(row, font, at + 16 + segments)
    deltas = struct.unpack_from(row, font, at + 16 + 2 * segments)
    ranges = at + 16 + 3 * segments
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        (offset,) = struct.unpack_from(">H", font, ranges + 2 * i)
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                place = ranges + 2 * i + offset + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", font, place)
            glyph = (glyph + deltas[i]) & 0xFFFF if glyph or not offset else 0
            if glyph:
                yield chr(code), glyph


def script() -> str:
    """The module, with the characters of each width in one string."""
    lines = [_HEAD, "export const WIDTHS = {\n"]
    for weight, name in _WEIGHTS.items():
        lines.append(f"  {weight}: {{\n")
        by_width: dict[int, str] = {}
        for char, width in sorted(widths((_FONTS / name).read_bytes()).items()):
            by_width[width] = by_width.get(width, "") + char
        entries = [f"{width}: {json.dumps(by_width[width])}," for width in sorted(by_width)]
        lines.extend(f"    {line}\n" for line in _filled(entries))
        lines.append("  },\n")
    return "".join([*lines, "};\n"])


def _filled(entries: Iterable[str]) -> Iterator[str]:
    """Lines of as many entries as fit."""
    line = ""
    for entry in entries:
        if line and len(line) + len(entry) > _ROOM:
            yield line
            line = ""
        line = f"{line} {entry}" if line else entry
    yield line


def main() -> None:
    """Write it."""
    Path(TABLE).write_text(script(), encoding="utf-8")


if __name__ == "__main__":
    main()
