"""A fair queue: whoever came first is served first. A plain lock promises no order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """`with turn():` waits for its turn, and holds it until the block ends.

    Turns are given in the order of arrival. A thread that has the turn already goes straight on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._owner: int | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait for the turn and hold it."""
        if self._owner == threading.get_ident():
            yield
            return
        self._take()
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._pass_on()

    @property
    def n_waiting(self) -> int:
        """How many are waiting now."""
        return len(self._waiting)

    def _take(self) -> None:
        with self._lock:
            if self._owner is None and not self._waiting:
                self._owner = 0  # taken; no thread has this number
                return
            ticket = threading.Event()
            self._waiting.append(ticket)
        ticket.wait()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._owner = 0  # never free in between, so nobody can push in
                self._waiting.popleft().set()
            else:
                self._owner = None
