"""kv.picture: a button that saves a picture of a figure as a PNG, made by the visitor's browser."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from ui.figures.checks import require_text
from ui.figures.pack import pack

TEXT: Final = (
    "save",  # on the button
    "failed",  # when the browser could not do it
)


def picture_block(svg: str, name: str, text: Mapping[str, str]) -> bytes:
    """Pack the SVG to be saved as the file `name`, or "" while nobody asked for it.

    `text` holds the strings listed in TEXT. ValueError when one is missing.
    """
    require_text(text, TEXT)
    data = np.frombuffer(svg.encode(), dtype=np.uint8)
    return pack({"name": name, "text": dict(text)}, svg=data)
