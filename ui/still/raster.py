"""A picture as pixels, for link previews, which show no SVG.

The fonts lie in assets/fonts/card, so that a machine without any draws the same letters; what they
lack comes from the machine's own fonts, where it has some.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from ui.language.i18n import ROOT
from ui.served.later import LaterError

_PROGRAM: Final = Path(__file__).with_name("rasterize.py")
_FONTS: Final = sorted((ROOT / "assets" / "fonts" / "card").glob("*.[ot]tf"))
_SECONDS: Final = 30


def png(svg: str) -> bytes:
    """An SVG as PNG in its own size, in its light colours. LaterError when it cannot be drawn."""
    command = [sys.executable, "-I", str(_PROGRAM), *map(str, _FONTS)]
    try:
        done = subprocess.run(
            command, input=svg.encode(), capture_output=True, check=True, timeout=_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise LaterError("the picture could not be drawn as PNG") from error
    return done.stdout
