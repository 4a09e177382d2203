"""Work that pauses between its pieces, so that something more urgent can go first."""

from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

Result = TypeVar("Result")
Resumable: TypeAlias = Generator[None, None, Result]  # each `next` does a piece; returns the result


def finish(work: Resumable[Result]) -> Result:
    """Do all pieces, one after the other."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


def at_once(job: Callable[[], Result]) -> Resumable[Result]:
    """A job of one piece."""
    return job()
    yield
