"""An SVG picture under construction: shapes, words, and a class for every colour that they use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from ui.posters.palette import DARK, HUES, LIGHT, Theme, readable_on

SANS: Final = (
    "'Plex Sans','IBM Plex Sans',system-ui,-apple-system,'Segoe UI','PingFang SC',"
    "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif"
)
_SERIF: Final = "'Plex Serif','IBM Plex Serif','IBM Plex Serif SemiBold',Georgia"
_SERIF_ZH: Final = "'Songti SC','Noto Serif CJK SC','Noto Serif SC','Source Han Serif SC',SimSun"
FONT: Final = 13  # the size of a label, which the document sets once

# What XML 1.0 cannot hold, not even escaped.
_UNFIT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]·-")
_BROAD: Final = frozenset("mwMW%@—…")


def number(value: float) -> str:
    """A coordinate in as few letters as it takes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    if text in ("0", "-0"):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def words(text: str) -> str:
    """A visitor's or an author's text, safe between tags and in a quoted attribute."""
    return escape(_UNFIT.sub("\N{REPLACEMENT CHARACTER}", text))


def serif(lang: str) -> str:
    """The fonts of titles. Who lacks a letter in the first may look no further down the list."""
    first, then = (_SERIF_ZH, _SERIF) if lang.startswith("zh") else (_SERIF, _SERIF_ZH)
    return f"{first},{then},serif"


def is_wide(char: str) -> bool:
    """Whether a character is as wide as it is high, as Chinese ones are."""
    return unicodedata.east_asian_width(char) in "WF"


def width_of(text: str, size: float) -> float:
    """About how wide a text is: a server has no fonts to measure with."""

    def share(char: str) -> float:
        if is_wide(char):
            return 1.0
        if unicodedata.combining(char):
            return 0.0
        if char in _NARROW:
            return 0.32
        return 0.88 if char in _BROAD else 0.68 if char.isupper() else 0.57

    return size * sum(map(share, text))


class Canvas:
    """Shapes in the order that they are painted. A colour is a name, such as `fg` or `k-ink`."""

    def __init__(self, shades: int = 32) -> None:
        self.shades = shades  # steps of a ramp from paper to a full value
        self.parts: list[str] = []
        self._marks: list[str] = []
        self._used: set[tuple[str, str]] = set()
        self._rules = ("", "")  # of what was painted elsewhere, in light and in dark

    def fill(self, colour: str) -> str:
        """The class that fills with a colour."""
        return self._class("fill", colour)

    def stroke(self, colour: str) -> str:
        """The class that draws lines in a colour."""
        return self._class("stroke", colour)

    def add(self, tag: str, content: str = "", **attributes: Any) -> None:
        """One element; `content` is markup already. `class_` is class, other `_` are hyphens."""
        self.parts.append(element(tag, content, **attributes))

    def begin(self, **attributes: Any) -> None:
        """Open a group."""
        self.parts.append(element("g", None, **attributes))

    def end(self) -> None:
        """Close the group."""
        self.parts.append("</g>")

    def rect(self, x: float, y: float, w: float, h: float, class_: str, **more: Any) -> None:
        """A rectangle."""
        self.add("rect", x=x, y=y, width=w, height=h, class_=class_, **more)

    def path(self, d: str, class_: str, **more: Any) -> None:
        """A path; nothing where there is nothing to draw."""
        if d:
            self.add("path", d=d, class_=class_, **more)

    def text(
        self, x: float, y: float, text: str, size: float, colour: str = "fg", **more: Any
    ) -> None:
        """One line of text with its baseline at y."""
        look: dict[str, Any] = {} if size == FONT else {"font_size": size}
        if colour != "fg":
            look["class_"] = self.fill(colour)
        self.add("text", words(text), x=round(x, 1), y=round(y, 1), **look, **more)

    def mark(self, points: Sequence[tuple[float, float]]) -> None:
        """A thin line as the marks of spaces are; all of them are one path."""
        (x, y), *rest = points
        self._marks.append(f"M{number(round(x, 1))} {number(round(y, 1))}")
        for px, py in rest:
            dx, dy = round(px - x, 1), round(py - y, 1)
            self._marks.append(f"l{number(dx)}{'' if dy < 0 else ' '}{number(dy)}")
            x, y = x + dx, y + dy

    def take(self, other: Canvas) -> None:
        """Paint what another canvas has; its shades become those of this one."""
        self.shades = other.shades
        self.parts.append(other.markup())
        self._used |= other._used
        self._rules = other._rules

    def adopt(self, markup: str, light: str, dark: str) -> None:
        """Paint what was painted elsewhere, with the rules of its own classes in either theme."""
        self.parts.append(markup)
        self._rules = (light, dark)

    def markup(self) -> str:
        """Everything that was drawn."""
        if self._marks:
            self.path("".join(self._marks), self.stroke("faint"), fill="none")
            self._marks.clear()
        return "".join(self.parts)

    def style(self) -> str:
        """The rules of every class in use: light, and dark where the reader's page is."""
        light, dark = (
            "".join(
                f".{kind[0]}-{name}{{{kind}:{_colour(theme, name, self.shades)}}}"
                for kind, name in sorted(self._used)
            )
            + rules
            for theme, rules in zip((LIGHT, DARK), self._rules, strict=True)
        )
        return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"

    def _class(self, kind: str, colour: str) -> str:
        self._used.add((kind, colour))
        return f"{kind[0]}-{colour}"


def element(tag: str, content: str | None = "", **attributes: Any) -> str:
    """The markup of an element; with None for its content, only the tag that opens it."""
    pairs = "".join(
        f' {_name(key)}="{words(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value != ""
    )
    if content is None:
        return f"<{tag}{pairs}>"
    return f"<{tag}{pairs}>{content}</{tag}>" if content else f"<{tag}{pairs}/>"


def _name(key: str) -> str:
    return key if key in ("viewBox", "preserveAspectRatio") else key.rstrip("_").replace("_", "-")


def _colour(theme: Theme, name: str, shades: int) -> str:
    """The colour of a name: of the page, a hue, its ink, or a step of its ramp such as k-12.

    `on-` and a name is black or white, whichever reads better on it.
    """
    if name.startswith("on-"):
        return readable_on(_colour(theme, name[3:], shades))
    if name in theme.page:
        return theme.page[name]
    hue, _, rest = name.partition("-")
    if not rest:
        return HUES[hue]
    return theme.ink[hue] if rest == "ink" else theme.ramp(hue, int(rest) / shades)
