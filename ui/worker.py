"""One thread that does all the model's work, job by job, in the order in which they were asked for.

Streamlit runs every script in a thread of its own, and a thread that is new to torch first builds
its team of helpers: a decode step was measured 1.3 times slower so. And a lock promises no order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class Worker:
    """`worker.run(job)` waits for the jobs before it, and returns what `job()` returns or raises.

    A job may ask for another: it is in its turn already, and goes straight on.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._thread = self._pool.submit(threading.current_thread).result()

    def run(self, job: Callable[[], Result]) -> Result:
        """Do `job` in its turn."""
        if threading.current_thread() is self._thread:
            return job()
        return self._pool.submit(job).result()
