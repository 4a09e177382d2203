"""Draw the pictures that come with kvembed, one for each page and language: `python -m ui.still`.

A build that reaches no server shows them. They are the pages as they open on the tiny decoder, with
the times of this machine, which they name with the day.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import kvembed
from kvembed.contract import PAGES
from kvembed.languages import LANGUAGES
from kvembed.poster import bundled_name
from kvembed.view import View
from ui.still.pictures import of_view, poster, shown
from ui.still.points import pointed

FOLDER: Final = Path(kvembed.__file__).parent / "posters"


def main() -> None:
    """Write them all, and say how large each is."""
    FOLDER.mkdir(exist_ok=True)
    for page in PAGES:
        for lang in LANGUAGES:
            svg = of_view(shown(pointed(View(page, lang=lang))), lang, poster).encode()
            file = FOLDER / bundled_name(page, lang)
            file.write_bytes(svg)
            print(f"{file}: {len(svg):,} bytes")


if __name__ == "__main__":
    main()
