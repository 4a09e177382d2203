"""A picture as pixels, for link previews, which show no SVG.

The fonts lie in assets/fonts/card, so that a machine without any draws the same letters; what they
lack comes from the machine's own fonts, where it has some. A letter that a family lacks is taken
from the first font that has it in that weight.
"""

from __future__ import annotations

from typing import Final

import resvg_py

from ui.i18n import ROOT

FONTS: Final = sorted(str(path) for path in (ROOT / "assets" / "fonts" / "card").glob("*.[ot]tf"))


def png(svg: str) -> bytes:
    """An SVG as PNG in its own size, in its light colours."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=FONTS,
        sans_serif_family="Noto Sans CJK SC",
        serif_family="Noto Serif CJK SC",
    )
