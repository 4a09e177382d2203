"""One thread that runs the model for everybody: sessions that wait share a forward.

A turn is one forward over the sessions that wait, or one piece of another job; the two alternate
while both wait. So nobody waits for longer than a forward of bounded size and one piece of a job.

Batching anew at every forward: Yu et al. 2022 (Orca, OSDI 22). Cutting prompts so that nobody waits
behind a long one: Agrawal et al. 2023 (Sarathi, arXiv 2308.16369).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from reprlib import repr as short
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from kvcore.engine.batching import Work, advance, gather
from kvcore.engine.session import Session
from kvcore.ops.resumable import Resumable, at_once
from kvcore.records.checks import check_kind, whole
from kvcore.records.trace import Step

Result = TypeVar("Result")


class Scheduler:
    """Runs sessions and other jobs in a thread of its own, each in the order of asking.

    A forward takes at most `sequences` sessions and `tokens` tokens, of everybody the same number;
    what one does not need goes to the others. A longer prompt is fed in several turns. Whoever
    gives a session to a scheduler does not run it elsewhere meanwhile.

    What is asked for is a Future. It can be cancelled until it is done, between two chunks of a
    prompt too; the session's next update starts from what its cache then holds.
    """

    def __init__(self, name: str = "model", *, sequences: int = 16, tokens: int = 32) -> None:
        check_kind("name", name, str)
        self.tokens = whole("tokens", tokens)
        self.sequences = whole("sequences", sequences, 1, self.tokens, f", for tokens={tokens}")
        self._works: list[Work] = []  # each keeps its place until it is done
        # Those that each session shared its last forward with, when all of them took one token.
        self._cohort: WeakKeyDictionary[Session, list[int]] = WeakKeyDictionary()
        self._jobs: deque[tuple[Resumable[Any], Future[Any]]] = deque()
        self._changed = threading.Condition(threading.RLock())
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def update(self, session: Session, text: str | Sequence[int]) -> Future[Step]:
        """`session.update(text)` in its turn."""
        check_kind("session", session, Session)
        return self._add(Work(session, lambda: session.begin(text)))

    def step(self, session: Session) -> Future[Step]:
        """`session.step()` in its turn."""
        check_kind("session", session, Session)
        return self._add(Work(session, session.begin_step))

    def submit(self, job: Callable[[], Result]) -> Future[Result]:
        """Do `job` in its turn, with nothing beside it."""
        if not callable(job):
            raise ValueError(f"job={short(job)} must be a function")
        return self.submit_pieces(at_once(job))

    def submit_pieces(self, pieces: Resumable[Result]) -> Future[Result]:
        """Do a job piece by piece; others that wait go in between."""
        check_kind("pieces", pieces, Iterator)
        done: Future[Result] = Future()
        with self._changed:
            self._check_open()
            self._jobs.append((pieces, done))
            self._changed.notify()
        return done

    def run(self, job: Callable[[], Result]) -> Result:
        """`submit`, and wait; a job that asks for another is in its turn already and goes on."""
        if threading.current_thread() is self._thread:
            return job()
        return self.submit(job).result()

    def cancel(self, session: Session) -> None:
        """Drop what the session waits for, which raises CancelledError there; free its memory.

        The session is empty then, as if it were new. A place that it had in a batch is free when
        its neighbours have moved or are cancelled as well.
        """
        check_kind("session", session, Session)
        with self._changed:
            for work in self._works:
                if work.session is session:
                    work.done.cancel()
            self._drop_done()
            session.clear()

    def close(self) -> None:
        """Cancel everything that waits, and end the thread after the turn that it is in."""
        with self._changed:
            self._closed = True
            for done in (*(work.done for work in self._works), *(done for _, done in self._jobs)):
                done.cancel()
            self._works.clear()
            self._jobs.clear()
            self._changed.notify()
        self._thread.join()

    def _add(self, work: Work) -> Future[Step]:
        with self._changed:
            self._check_open()
            self._works.append(work)
            self._changed.notify()
        return work.done

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this scheduler is closed: make another one")

    def _drop_done(self) -> None:
        self._works = [work for work in self._works if not work.done.done()]

    def _serve(self) -> None:
        job_next = False
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._works or self._jobs or self._closed)
                if self._closed:
                    return
                job_next = bool(self._jobs) and (job_next or not self._works)
            # In functions of their own: what they held must not stay in memory while this waits.
            if job_next:
                self._do_piece()
            else:
                self._do_forward()
            job_next = not job_next

    def _do_piece(self) -> None:
        with self._changed:
            if not self._jobs:
                return
            pieces, done = self._jobs.popleft()
        if done.cancelled():
            return
        try:
            next(pieces)
        except StopIteration as end:
            if done.set_running_or_notify_cancel():
                done.set_result(end.value)
        except BaseException as error:  # the caller's affair: this thread goes on
            if done.set_running_or_notify_cancel():
                done.set_exception(error)
        else:
            with self._changed:
                self._jobs.append((pieces, done))

    def _do_forward(self) -> None:
        with self._changed:  # a session is not cancelled while it is cropped
            self._drop_done()
            works = gather(self._works, self.sequences)
        advance(works, self.tokens, self._again(works))
        with self._changed:  # nor while it is given its step
            for work in works:
                work.finish()
            self._drop_done()

    def _again(self, works: Sequence[Work]) -> list[Work]:
        """Those of `works` that take one token, if each of them last did so in this cohort."""
        single = sorted((w for w in works if w.left == 1), key=lambda work: id(work.session))
        cohort = [id(work.session) for work in single]
        again = all(self._cohort.get(work.session) == cohort for work in single)
        self._cohort.update({work.session: cohort for work in single})
        return single if again else []
