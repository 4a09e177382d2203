"""The palette of kvfront/shared/color.js and of the site's theme, for pictures without it.

A picture carries both themes at once: every colour is a class, with one rule for light and one for
dark. Ramps are mixed in OKLab (Ottosson 2020), so that equal steps of a value look equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.float64]

HUES: Final = {"q": "#E69F00", "k": "#0072B2", "v": "#009E73", "redo": "#D55E00"}
HUES["attention"] = "#CC79A7"

CURVE: Final = 0.6  # small weights matter: a sequential ramp rises fast near 0

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


@dataclass(frozen=True, kw_only=True)
class Theme:
    """The colours of one theme: page and text, and each hue as text and as a full value."""

    paper: str
    fg: str
    ink: dict[str, str]
    full: dict[str, str]  # `below` is a full value under 0, of whatever letter
    muted: float  # how far from paper to text
    grid: float
    masked: float

    @cached_property
    def page(self) -> dict[str, str]:
        """The colours between paper and text, by name."""
        shares = {"muted": self.muted, "faint": 0.35, "grid": self.grid, "masked": self.masked}
        shares |= {"bar": 0.45, "track": 0.07}  # those of kvfront/shared/bars.css
        between = {name: mix(self.paper, self.fg, share) for name, share in shares.items()}
        return {"paper": self.paper, "fg": self.fg} | between

    def ramp(self, hue: str, share: float) -> str:
        """The colour of a value: paper at 0, a full value of `hue` at 1."""
        return mix(self.paper, self.full[hue], share)


LIGHT: Final = Theme(
    paper="#FDFDFB",
    fg="#1F2329",
    ink={"q": "#875A00", "k": "#00639B", "v": "#00704F", "redo": "#B04A00", "attention": "#93396E"},
    full={
        "q": "#D08700",
        "k": "#0069A6",
        "v": "#008F68",
        "redo": "#D55E00",
        "attention": "#8A2F66",
        "below": "#474C55",
    },
    muted=0.7,
    grid=0.12,
    masked=0.3,
)
DARK: Final = Theme(
    paper="#15171A",
    fg="#E8E9E6",
    ink={"q": "#F0AE1E", "k": "#5DB4EE", "v": "#2FC296", "redo": "#FF8A3D", "attention": "#E59AC6"},
    full={
        "q": "#FFB933",
        "k": "#45AEF5",
        "v": "#22CC9A",
        "redo": "#FF8A3D",
        "attention": "#F2A9D2",
        "below": "#C6CBD4",
    },
    muted=0.68,
    grid=0.16,
    masked=0.34,
)


def readable_on(colour: str) -> str:
    """Black or white: the one with more contrast, by relative luminance."""
    rgb = (np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255) ** 2.2
    return "#111418" if rgb @ (0.2126, 0.7152, 0.0722) > 0.19 else "#ffffff"


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
