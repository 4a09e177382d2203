"""A figure in its frame: paper, a title, what is shown in one line, and what it is in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kvembed.languages import LANGUAGES
from ui.still.canvas import FONT, SANS, Canvas, element, is_wide, number, serif, width_of, words
from ui.still.draw import Still

MARGIN: Final = 20
TITLE: Final = 24
LINE: Final = 14
CARD_WIDTH: Final = 1200  # the shape that link previews want
CARD_HEIGHT: Final = 630
CARD_TEXT: Final = 420
CARD_MARGIN: Final = 44

_CLOSING: Final = frozenset(
    " \N{NO-BREAK SPACE}·，。、：；？！）”’》」,.:;?!)"
)  # no line begins so


@dataclass(frozen=True, kw_only=True)
class Caption:
    """A picture's words besides its figure, in the language `lang` of its page."""

    title: str
    line: str
    description: str
    lang: str
    site: str
    cut: str  # says that not all tokens are drawn: {shown} {all}


def poster(figure: Still, caption: Caption) -> str:
    """The figure under its title."""
    width, canvas = figure.width, Canvas(figure.pages)
    y = _write(
        canvas, caption.title, TITLE, MARGIN + TITLE * 0.85, width, font_family=serif(caption.lang)
    )
    y = _write(canvas, _line(figure, caption), LINE, y + LINE * 0.35, width, colour="muted") + 2
    y = round(y)  # whole pixels: the figure's lines stay as sharp as in the page
    canvas.begin(transform=f"translate({MARGIN} {number(y)})")
    canvas.adopt(figure.markup, figure.light, figure.dark)
    canvas.end()
    return _document(canvas, width + 2 * MARGIN, y + figure.height + MARGIN, figure, caption)


def card(figure: Still, caption: Caption) -> str:
    """The figure beside its title."""
    canvas = Canvas(figure.pages)
    room = CARD_WIDTH - CARD_TEXT - 3 * CARD_MARGIN
    scale = min(room / figure.width, (CARD_HEIGHT - 2 * CARD_MARGIN) / figure.height)
    left = CARD_WIDTH - CARD_MARGIN - room / 2 - figure.width * scale / 2
    top = (CARD_HEIGHT - figure.height * scale) / 2
    at: dict[str, Any] = {"x": CARD_MARGIN, "width": CARD_TEXT}
    y = _write(canvas, caption.site, 24, CARD_MARGIN + 24, colour="muted", **at)
    y = _write(canvas, caption.title, 54, y + 48, font_family=serif(caption.lang), **at)
    _write(canvas, _line(figure, caption), 24, y + 8, colour="muted", **at)
    canvas.begin(transform=f"translate({number(left)} {number(top)}) scale({number(scale)})")
    canvas.adopt(figure.markup, figure.light, figure.dark)
    canvas.end()
    return _document(canvas, CARD_WIDTH, CARD_HEIGHT, figure, caption)


def _line(figure: Still, caption: Caption) -> str:
    if figure.shown == figure.tokens:
        return caption.line
    cut = caption.cut.format(shown=figure.shown, all=figure.tokens)
    return f"{caption.line} · {cut}"


def _write(
    canvas: Canvas,
    text: str,
    size: float,
    y: float,
    width: float,
    *,
    x: float = MARGIN,
    colour: str = "fg",
    font_family: str = "",
) -> float:
    """Write a text in as many lines as it takes, from y on; return where the next would stand."""
    look: dict[str, Any] = {"font_family": font_family, "font_weight": 600} if font_family else {}
    for line in balanced(text, size, width):
        canvas.text(x, y, line, size, colour, **look)
        y += size * 1.25
    return y


def _document(canvas: Canvas, width: float, height: float, figure: Still, caption: Caption) -> str:
    """The SVG document around what was drawn."""
    paper = f"{canvas.fill('paper')} {canvas.stroke('grid')}"
    own = canvas.fill("fg")
    sheet: dict[str, Any] = {"width": width - 1, "height": height - 1, "rx": 6, "class_": paper}
    inside = [
        element("title", words(caption.title)),
        element("desc", words(f"{_line(figure, caption)} · {caption.description}")),
        element("style", canvas.style()),
        element("rect", x=0.5, y=0.5, **sheet),
        canvas.markup(),
    ]
    return element(
        "svg",
        "".join(inside),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        lang=LANGUAGES[caption.lang].tag,
        font_family=SANS,
        font_size=FONT,
        class_=own,
    )


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Text in lines that fit: broken at spaces, or after any Chinese character."""
    lines = [""]
    for piece in _breakable(text):
        if lines[-1] and width_of((lines[-1] + piece).rstrip(), size) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.strip() for line in lines]


def balanced(text: str, size: float, width: float) -> list[str]:
    """Text in as few lines as fit, all about as long."""
    lines = wrapped(text, size, width)
    while True:
        width -= size / 2
        narrower = wrapped(text, size, width)
        if len(narrower) > len(lines) or any(width_of(line, size) > width for line in narrower):
            return lines
        lines = narrower


def _breakable(text: str) -> list[str]:
    """The parts of a text between which a line may end."""
    pieces: list[str] = []
    for char in text:
        open_end = pieces and not pieces[-1].endswith(" ")
        beside_wide = open_end and (is_wide(char) or is_wide(pieces[-1][-1]))
        if open_end and (char in _CLOSING or not beside_wide):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces
