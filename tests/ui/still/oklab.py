"""The colours of values, worked out once more: paper and full values, mixed in OKLab."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.colour_files import COLOURS

Rgb = NDArray[np.float64]

_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Paper, and a full value of each hue; `below` is one under 0, of whatever hue."""

    paper: str
    full: dict[str, str]

    def ramp(self, hue: str, share: float) -> str:
        """The colour of a value: paper at 0, a full value of `hue` at 1."""
        return mix(self.paper, self.full[hue], share)


THEMES = tuple(
    Theme(paper=COLOURS[mode]["page"]["paper"], full=COLOURS[mode]["full"])
    for mode in ("light", "dark")
)


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
