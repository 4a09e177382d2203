"""An embedded JavaScript engine: one for the process, on a thread of its own, within bounds."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import quickjs

MOST_SECONDS: Final = 10.0  # of the processor's time, which other threads of the process spend too
MOST_BYTES: Final = 192 << 20
_STACK: Final = 192 << 10  # the smallest thread that a system gives us has half a megabyte


class ScriptError(RuntimeError):
    """A script failed, or took more time or memory than there is for one call."""


class Engine:
    """Calls functions of one script, one call after the other, from any thread.

    An engine that failed is thrown away: the next call begins with a new one.
    """

    def __init__(
        self, script: str, *, most_seconds: float = MOST_SECONDS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._script = script
        self._seconds = most_seconds
        self._bytes = most_bytes
        self._context: quickjs.Context | None = None
        # The engine must be called from the thread that made it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="script")

    def call(self, name: str, *given: str) -> str:
        """The answer of the function of this name. ScriptError where it gives none."""
        answer: Future[str] = self._thread.submit(self._call, name, given)
        return answer.result()

    def _call(self, name: str, given: tuple[str, ...]) -> str:
        try:
            if self._context is None:
                self._context = self._made()
            return str(self._context.get(name)(*given))
        except (quickjs.JSException, MemoryError) as error:
            self._context = None
            raise ScriptError(str(error)) from error

    def _made(self) -> quickjs.Context:
        context = quickjs.Context()
        context.set_time_limit(self._seconds)
        context.set_memory_limit(self._bytes)
        context.set_max_stack_size(_STACK)
        context.eval(self._script)
        return context
