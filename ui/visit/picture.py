"""kv.picture: a button that saves a picture of a figure as a PNG, made by the visitor's browser."""

from collections.abc import Mapping

import numpy as np

from ui.record.pack import pack


def picture_block(svg: str, name: str, text: Mapping[str, str]) -> bytes:
    """Pack the SVG to be saved as the file `name`, or "" while nobody asked for it.

    `text` has `save`, on the button, and `failed`, for when the browser could not do it.
    """
    data = np.frombuffer(svg.encode(), dtype=np.uint8)
    return pack({"name": name, "text": dict(text)}, {"svg": data})
