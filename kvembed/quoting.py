"""Text that has to survive a line of somebody else's syntax, and come back unchanged.

reStructuredText, Markdown and MyST take a JSON string in double quotes, whose escapes keep the
value on one line. Quarto's own parser has escapes that depend on its version, so what could mean
anything to it is percent-encoded instead.
"""

from __future__ import annotations

import json
import re
from typing import Final

# Python splits lines at more characters than JSON escapes.
_LINES: Final = re.compile("[\u2028\u2029\ufeff]")
_SAFE: Final = ".,;:!?()+/-"


def quoted(text: str) -> str:
    """`text` as a JSON string on one line."""
    return _LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def unquoted(text: str) -> str:
    """The written text: a whole JSON string stands for its value, anything else for itself."""
    if re.fullmatch(r'".*"', text, re.DOTALL):
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    return text


def if_needed(text: str) -> str:
    """`text` as it is where a line can hold it and `unquoted` leaves it alone, else quoted."""
    plain = text == text.strip() and text.splitlines() == [text] and "\t" not in text
    return text if plain and unquoted(text) == text else quoted(text)


def percent(text: str) -> str:
    """`text` with everything percent-encoded that could mean something to a parser.

    Letters, digits and pictures of any script stay as they are, and so does plain punctuation.
    """
    return re.sub(r"[^ ]+|^ +| +$|(?<= ) +", lambda found: _percent_word(found[0]), text)


def _percent_word(word: str) -> str:
    return "".join(char if _harmless(char) else _percent_bytes(char) for char in word)


def _harmless(char: str) -> bool:
    return char.isprintable() and (char.isalnum() or char > "\x7f" or char in _SAFE)


def _percent_bytes(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())
