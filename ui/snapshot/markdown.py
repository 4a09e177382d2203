"""Our own prose as HTML, where no Streamlit renders it: the Markdown that assets/text uses.

Headings, paragraphs, lists, links, bold, italic, code, letters in their colour (`:blue[K]`) and the
little mathematics of one sentence (`$z_n$`). Everything else is text, and is escaped.
"""

from __future__ import annotations

import html
import re
from typing import Final

# What a colour stands for, on every page.
_LETTERS: Final = {"orange": "q", "blue": "k", "green": "v"}
_INLINE: Final = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]+)`"
    r"|:(?P<colour>orange|blue|green)\[(?P<letter>[^\]]*)\]"
    r"|\[(?P<named>[^\]]+)\]\((?P<link>https://[^)\s]+)\)"
    r"|\$(?P<math>[^$]+)\$"
    r"|\*\*(?P<bold>[^*]+)\*\*"
    r"|\*(?P<italic>[^*]+)\*",
)
_SIGNS: Final = {r"\dots": "…", r"\;": " ", "-": "−"}


def paragraphs(text: str) -> str:
    """Blocks of text, divided by empty lines, as HTML."""
    return "\n".join(_block(block) for block in re.split(r"\n{2,}", text.strip()) if block)


def line(text: str) -> str:
    """One line of text as HTML."""
    parts = []
    end = 0
    for found in _INLINE.finditer(text):
        parts += [html.escape(text[end : found.start()]), _marked(found)]
        end = found.end()
    return "".join(parts) + html.escape(text[end:])


def _block(block: str) -> str:
    if block.startswith("### "):
        return f"<h2>{line(block[4:])}</h2>"
    if block.startswith("- "):
        items = (f"<li>{line(item)}</li>" for item in re.split(r"\n?^- ", block, flags=re.M)[1:])
        return f"<ul>{''.join(items)}</ul>"
    return f"<p>{line(block)}</p>"


def _marked(found: re.Match[str]) -> str:
    kind = found.lastgroup
    text = found[kind or 0]
    if kind == "escaped":
        return html.escape(text)
    if kind == "code":
        return f"<code>{html.escape(text)}</code>"
    if kind == "letter":
        return f'<span class="ink-{_LETTERS[found["colour"]]}">{line(text)}</span>'
    if kind == "link":  # out of a frame: few sites show themselves in one
        where = f'href="{html.escape(text)}" target="_blank" rel="noopener"'
        return f"<a {where}>{line(found['named'])}</a>"
    if kind == "math":
        return _formula(text)
    tag = "strong" if kind == "bold" else "em"
    return f"<{tag}>{line(text)}</{tag}>"


def _formula(text: str) -> str:
    for sign, shown in _SIGNS.items():
        text = text.replace(sign, shown)
    text = re.sub(r"([a-z])(?:_([a-z0-9]))?", r"<var>\1<sub>\2</sub></var>", html.escape(text))
    return f'<span class="math">{text.replace("<sub></sub>", "")}</span>'
