"""How a page ends before its last line.

`st.stop()` ends the whole run, with what the frame has still to draw: the sentences about the
address, and the address itself.
"""

from __future__ import annotations

from typing import NoReturn


class StopPage(Exception):
    """Nothing is wrong: the page has said all it can say now."""


def stop_page() -> NoReturn:
    """Draw nothing more of this page. Not for fragments, which simply return."""
    raise StopPage
