"""The frame of an SVG picture under construction: words, and a class for each colour in use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from kvembed.languages import LANGUAGES

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
    first, then = (_SERIF_ZH, _SERIF) if LANGUAGES[lang].cjk else (_SERIF, _SERIF_ZH)
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
    """Markup in the order that it is painted. A colour is a name, such as `fg` or `muted`.

    `pages` has what each stands for, in light and in dark.
    """

    def __init__(self, pages: Sequence[Mapping[str, str]]) -> None:
        self._pages = pages
        self._parts: list[str] = []
        self._used: set[tuple[str, str]] = set()
        self._rules = ("", "")  # of what was painted elsewhere, in light and in dark

    def fill(self, colour: str) -> str:
        """The class that fills with a colour."""
        return self._class("fill", colour)

    def stroke(self, colour: str) -> str:
        """The class that draws lines in a colour."""
        return self._class("stroke", colour)

    def begin(self, **attributes: Any) -> None:
        """Open a group."""
        self._parts.append(element("g", None, **attributes))

    def end(self) -> None:
        """Close the group."""
        self._parts.append("</g>")

    def text(
        self, x: float, y: float, text: str, size: float, colour: str = "fg", **more: Any
    ) -> None:
        """One line of text with its baseline at y."""
        look: dict[str, Any] = {} if size == FONT else {"font_size": size}
        if colour != "fg":
            look["class_"] = self.fill(colour)
        at = {"x": round(x, 1), "y": round(y, 1)}
        self._parts.append(element("text", words(text), **at, **look, **more))

    def adopt(self, markup: str, light: str, dark: str) -> None:
        """Paint what was painted elsewhere, with the rules of its own classes in either theme."""
        self._parts.append(markup)
        self._rules = (light, dark)

    def markup(self) -> str:
        """Everything that was painted."""
        return "".join(self._parts)

    def style(self) -> str:
        """The rules of every class in use: light, and dark where the reader's page is."""
        light, dark = (
            "".join(
                f".{kind[0]}-{name}{{{kind}:{page[name]}}}" for kind, name in sorted(self._used)
            )
            + rules
            for page, rules in zip(self._pages, self._rules, strict=True)
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
