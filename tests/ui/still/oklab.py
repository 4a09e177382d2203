"""The colours of values, worked out once more: paper and full values, mixed in OKLab."""

from __future__ import annotations

from dataclasses import dataclass

from ui.still.palette import mix


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Paper, and a full value of each hue; `below` is one under 0, of whatever hue."""

    paper: str
    full: dict[str, str]

    def ramp(self, hue: str, share: float) -> str:
        """The colour of a value: paper at 0, a full value of `hue` at 1."""
        return mix(self.paper, self.full[hue], share)


THEMES = (
    Theme(
        paper="#FDFDFB",
        full={
            "q": "#D08700",
            "k": "#0069A6",
            "v": "#008F68",
            "redo": "#D55E00",
            "attention": "#8A2F66",
            "below": "#474C55",
        },
    ),
    Theme(
        paper="#15171A",
        full={
            "q": "#FFB933",
            "k": "#45AEF5",
            "v": "#22CC9A",
            "redo": "#FF8A3D",
            "attention": "#F2A9D2",
            "below": "#C6CBD4",
        },
    ),
)
