"""The colours of a picture's frame: the site's paper and ink, and what lies between them.

A picture carries both themes at once: every colour is a class, with one rule for light and one for
dark. Colours are mixed in OKLab (Ottosson 2020), as kvfront/shared/color.js mixes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ui.still.theme import themes

Rgb = NDArray[np.float64]

_RGB_TO_LMS: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)
# How far from paper to ink, in light and in dark: those of kvfront/shared/color.js.
_SHARES: Final = ({"muted": 0.7, "grid": 0.12}, {"muted": 0.68, "grid": 0.16})


def pages() -> list[Mapping[str, str]]:
    """The colours of light and of dark by name: `paper`, `fg`, `muted`, `grid`."""
    return [
        {"paper": theme["bg"], "fg": theme["fg"]}
        | {name: mix(theme["bg"], theme["fg"], share) for name, share in shares.items()}
        for theme, shares in zip(themes(), _SHARES, strict=True)
    ]


def mix(start: str, end: str, share: float) -> str:
    """The colour that lies `share` of the way from one to the other, as #rrggbb."""
    a, b = _lab(start), _lab(end)
    lms = np.linalg.solve(_LMS_TO_LAB, a + (b - a) * share) ** 3
    linear = np.clip(np.linalg.solve(_RGB_TO_LMS, lms), 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(channel)):02x}" for channel in rgb)


def _lab(colour: str) -> Rgb:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab: Rgb = _LMS_TO_LAB @ np.cbrt(_RGB_TO_LMS @ linear)
    return lab
