"""One turn of the scheduler: which sessions go together, and with how many tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from kvcore.cache.batch import merge_into_batch
from kvcore.engine.feed import Feed
from kvcore.engine.session import Session
from kvcore.records.trace import Step


class Work:
    """A step that someone waits for."""

    def __init__(self, session: Session, begin: Callable[[], Feed | None]) -> None:
        self.session = session
        self.done: Future[Step] = Future()
        self.feed: Feed | None = None
        self._begin = begin
        self._begun = False

    def begin(self) -> bool:
        """Crop the cache to the new text; False when that was refused."""
        if not self._begun:
            try:
                self.feed = self._begin()
            except Exception as error:
                self.fail(error)
                return False
            self._begun = True
        return True

    @property
    def left(self) -> int:
        """Tokens yet to be fed."""
        return len(self.feed.left) if self.feed else 0

    def finish(self) -> None:
        """Hand over the step once nothing is left."""
        if self.left or self.done.done() or not self.done.set_running_or_notify_cancel():
            return
        try:
            self.done.set_result(self.session.finish(self.feed))
        except Exception as error:
            self.done.set_exception(error)

    def fail(self, error: BaseException) -> None:
        """Hand over what went wrong."""
        if not self.done.done() and self.done.set_running_or_notify_cancel():
            self.done.set_exception(error)


def gather(works: Sequence[Work], most: int) -> list[Work]:
    """The next forward: the longest waiting works of one engine, and of each session its first."""
    chosen: list[Work] = []
    waiting: set[Session] = set()
    for work in works:
        first = work.session not in waiting
        waiting.add(work.session)
        same = not chosen or work.session.engine is chosen[0].session.engine
        if first and same and work.begin():
            chosen.append(work)
        if len(chosen) == most:
            break
    return chosen


def advance(works: Sequence[Work], tokens: int, cohort: Sequence[Work] = ()) -> None:
    """One forward for all; if it fails, one for each, so that only the culprit gets the error.

    The caches of `cohort`, some of the works, are merged into one batch first.
    """
    works = [work for work in works if work.left]
    most = shares([work.left for work in works], tokens)
    try:
        merge_into_batch([work.feed.cache for work in cohort if work.feed])
        _forward(works, most)
    except BaseException:
        for work, n in zip(works, most, strict=True):
            try:
                assert work.feed is not None
                work.feed.roll_back()
                _forward([work], [n])
            except BaseException as error:  # the caller's affair: the thread goes on
                work.fail(error)


def _forward(works: Sequence[Work], most: Sequence[int]) -> None:
    if works:
        engine = works[0].session.engine
        engine.advance([work.feed for work in works if work.feed], most)


def shares(wants: Sequence[int], tokens: int) -> list[int]:
    """Tokens for each: the same for all, but what one does not want goes to the others."""
    given = [0] * len(wants)
    modest_first = sorted(range(len(wants)), key=lambda i: wants[i])
    for served, i in enumerate(modest_first):
        given[i] = min(wants[i], max(1, tokens // (len(wants) - served)))
        tokens -= given[i]
    return given
