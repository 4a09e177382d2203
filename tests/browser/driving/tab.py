"""One tab of any browser: what a hand and an eye do in it."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

WIDTH, HEIGHT = 1280, 900
SECONDS = 30  # what a page is expected to show may take as long as that on a busy machine
KEYS = {"End": "\ue010"}

# What stands in the page or in a shadow tree of it, is seen, and bears this text or name.
FIND = """
const [selector, text] = arguments
const seen = (node) => node.checkVisibility({visibilityProperty: true})
const named = (node) => [node.textContent.trim(), node.getAttribute("aria-label"), node.value]
const inside = (root) => [...root.querySelectorAll("*")].flatMap(
  (node) => node.shadowRoot ? [node, ...inside(node.shadowRoot)] : [node])
const found = inside(document).filter(
  (node) => node.matches(selector) && seen(node) && (text === null || named(node).includes(text)))
"""
MIDDLE = """
if (!found.length) return null
found[0].scrollIntoView({block: "center", behavior: "instant"})
const {x, y, width, height} = found[0].getBoundingClientRect()
return [Math.round(x + width / 2), Math.round(y + height / 2)]
"""


class Tab(ABC):
    """One tab of a browser of its own."""

    @property
    @abstractmethod
    def complaints(self) -> list[str]:
        """Complaints of the console since the page was opened."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go there, and come back when it is loaded."""

    @abstractmethod
    def evaluate(self, body: str, *arguments: Any) -> Any:
        """The result of a function of this body."""

    @abstractmethod
    def enter(self) -> None:
        """Go into the only frame: from now on scripts and clicks are those of its document."""

    @abstractmethod
    def close(self) -> None:
        """End the browser."""

    @abstractmethod
    def _perform(self, source: dict[str, Any]) -> None: ...

    def texts(self, selector: str) -> list[str]:
        """The text of all that match and are seen."""
        found: list[str] = self.evaluate(
            FIND + "return found.map((node) => node.innerText.trim())", selector, None
        )
        return found

    def click(self, selector: str, text: str | None = None) -> None:
        """Wait for what bears the text, and click it."""
        place = self.until(lambda: self.evaluate(FIND + MIDDLE, selector, text))
        x, y = place
        move = {"type": "pointerMove", "x": x, "y": y}
        deeds = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._perform({"type": "pointer", "id": "mouse", "actions": deeds})

    def type(self, text: str) -> None:
        """Key by key, where the focus is; a name of KEYS is that key."""
        deeds = [
            {"type": kind, "value": value}
            for value in ([KEYS[text]] if text in KEYS else text)
            for kind in ("keyDown", "keyUp")
        ]
        self._perform({"type": "key", "id": "keys", "actions": deeds})

    def until(self, holds: Callable[[], Any], pause: float = 0.1) -> Any:
        """The result of `holds`, once it is true."""
        deadline = time.monotonic() + SECONDS
        while not (found := holds()):
            assert time.monotonic() < deadline, "it never came to be"
            time.sleep(pause)
        return found

    def says(self, selector: str, pattern: str) -> None:
        """Wait until something that matches says this."""
        self.until(lambda: any(re.search(pattern, text) for text in self.texts(selector)))
