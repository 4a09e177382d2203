"""Results made once, kept while there is room for them: by bytes, the oldest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class ByteMemo:
    """Results by their key, at most `most` bytes of them; any thread may ask."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._found: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The value of `key`, made unless it is here. Two who ask at once may both make it."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        with self._lock:
            self.held += len(made) - len(self._found.pop(key, b""))
            self._found[key] = made
            while self.held > self.most:
                self.held -= len(self._found.popitem(last=False)[1])
        return made
