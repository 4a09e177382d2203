"""One thread serves all sessions: together, in turn, and none at another's cost.

Nothing here depends on time: the thread is held by a job until all that should wait is waiting.
"""

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

import numpy as np
import pytest

from kvcore.cache.batch import merge_into_batch, slot_of
from kvcore.engine.batching import shares
from kvcore.engine.engine import Engine
from kvcore.engine.scheduler import Scheduler
from kvcore.engine.session import Session
from kvcore.ops.resumable import Resumable
from kvcore.records.cache_specs import NoCache, Static
from kvcore.records.config import SamplingParams, Visibility
from kvcore.records.trace import Step
from kvcore.study.compare import verify, verifying
from tests.kvcore.tiny import random_ids, tiny_engine

ATOL = 1e-4  # tiny random models
WAIT = 10  # seconds until a test that hangs fails


@pytest.fixture
def engine() -> Engine:
    return tiny_engine()


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    scheduler = Scheduler("test")
    yield scheduler
    scheduler.close()
    assert not scheduler._thread.is_alive()


@contextmanager
def held(scheduler: Scheduler) -> Iterator[None]:
    """Nothing is served inside."""
    gate, reached = threading.Event(), threading.Event()
    scheduler.submit(lambda: reached.set() or gate.wait(WAIT))
    assert reached.wait(WAIT)
    try:
        yield
    finally:
        gate.set()


def forwards(engine: Engine) -> list[list[int]]:
    """The number of tokens of each sequence, of every later forward."""
    seen: list[list[int]] = []
    plain = engine.model.feed

    def feed(segments):
        seen.append([segment.ids.shape[1] for segment in segments])
        return plain(segments)

    engine.model.feed = feed
    return seen


def text(n: int, seed: int = 0) -> list[int]:
    return random_ids(tiny_engine().model.config, n, seed)


def assert_alone(session: Session, step: Step) -> None:
    """The step equals that of a session which nobody disturbed."""
    alone = session.engine.session(
        cache=session.run.cache, visibility=session.run.visibility, sampling=session.run.sampling
    ).update(step.ids)
    np.testing.assert_allclose(step.logits, alone.logits, atol=ATOL, rtol=0)
    assert step.cache.n_seen == alone.cache.n_seen
    assert step.recording is not None
    assert alone.recording is not None
    assert step.recording.n_tokens == len(step.ids)
    for layer in range(step.model.n_layers):
        ours, theirs = step.recording.layer(layer), alone.recording.layer(layer)
        np.testing.assert_allclose(ours, theirs, atol=ATOL, rtol=0)


def test_sessions_that_wait_share_one_forward(engine: Engine, scheduler: Scheduler) -> None:
    sessions = [engine.session() for _ in range(8)]
    for i, session in enumerate(sessions):
        scheduler.update(session, text(5 + 7 * i, seed=i)).result(WAIT)
    seen = forwards(engine)
    with held(scheduler):
        waiting = [scheduler.step(session) for session in sessions]
    steps = [future.result(WAIT) for future in waiting]
    assert seen == [[1] * 8]
    for session, step in zip(sessions, steps, strict=True):
        assert session.last is step
        assert_alone(session, step)


def test_sessions_that_wait_together_again_share_their_attention(
    engine: Engine, scheduler: Scheduler
) -> None:
    """Until one of them ends; those that are left move, and free what it had."""
    sessions = [engine.session() for _ in range(4)]
    for i, session in enumerate(sessions):
        scheduler.update(session, text(5 + 7 * i, seed=i)).result(WAIT)
    for cohort, size in [(4, None), (4, 4), (4, 4), (3, 4), (3, 3), (1, 3), (1, 1)]:
        with held(scheduler):
            waiting = [scheduler.step(session) for session in sessions[:cohort]]
        for session, future in zip(sessions, waiting, strict=False):
            assert_alone(session, future.result(WAIT))
        slot = slot_of(sessions[0].cache)
        assert (slot.batch.n_slots if slot else None) == size


def test_a_company_may_meet_in_every_other_forward(engine: Engine, scheduler: Scheduler) -> None:
    """As clients do that ask again once they have their answer."""
    one, *others = sessions = [engine.session() for _ in range(4)]
    for i, session in enumerate(sessions):
        scheduler.update(session, text(5 + 7 * i, seed=i)).result(WAIT)
    for cohort in ([one], others, [one], others):
        with held(scheduler):
            waiting = [scheduler.step(session) for session in cohort]
        for session, future in zip(cohort, waiting, strict=True):
            assert_alone(session, future.result(WAIT))
    slots = [slot_of(session.cache) for session in sessions]
    assert [slot.batch.n_slots if slot else None for slot in slots] == [None, 3, 3, 3]


@pytest.mark.parametrize("what", ["kvcore.engine.batching.merge_into_batch", "the head"])
def test_sessions_in_a_batch_are_right_after_a_forward_failed(
    what: str, engine: Engine, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any layer has stored the token, or after all of them have."""
    sessions = [engine.session() for _ in range(3)]
    for i, session in enumerate(sessions):
        scheduler.update(session, text(5 + 7 * i, seed=i)).result(WAIT)
    due: list[Exception] = []

    def fails_when_due(plain):
        def call(*args):
            if due:
                raise due.pop()
            return plain(*args)

        return call

    if what == "the head":
        monkeypatch.setattr(engine.model, "head", fails_when_due(engine.model.head))
    else:
        monkeypatch.setattr(what, fails_when_due(merge_into_batch))
    for turn in range(4):
        with held(scheduler):
            waiting = [scheduler.step(session) for session in sessions]
            if turn == 2:
                due.append(RuntimeError("no memory"))
        for session, future in zip(sessions, waiting, strict=True):
            assert_alone(session, future.result(WAIT))
    assert not due


def test_a_step_waits_for_one_chunk_of_a_long_prompt(engine: Engine, scheduler: Scheduler) -> None:
    """Both ways: the prompt came first, and the key is pressed while it is being fed."""
    short, long = engine.session(), engine.session()
    scheduler.update(short, text(4)).result(WAIT)
    seen = forwards(engine)
    with held(scheduler):
        prefill = scheduler.update(long, text(150, seed=1))
        key = scheduler.step(short)
    key.result(WAIT)
    assert seen[0] == [31, 1]
    step = prefill.result(WAIT)
    assert seen == [[31, 1], [32], [32], [32], [23]]
    assert (step.fed, step.reused, step.index) == (150, 0, 0)
    assert_alone(long, step)
    assert_alone(short, short.last)


def test_a_key_pressed_during_a_prompt_is_in_the_next_forward(
    engine: Engine, scheduler: Scheduler
) -> None:
    short, long = engine.session(), engine.session()
    scheduler.update(short, text(4)).result(WAIT)
    keys, seen = [], forwards(engine)
    plain = engine.model.feed

    def feed(segments):
        if len(seen) == 1:
            keys.append(scheduler.step(short))  # while the second chunk is on its way
        return plain(segments)

    engine.model.feed = feed
    scheduler.update(long, text(150, seed=1)).result(WAIT)
    keys[0].result(WAIT)
    assert seen[:3] == [[32], [32], [31, 1]]


def test_no_forward_is_larger_than_agreed(engine: Engine) -> None:
    scheduler = Scheduler("small", sequences=3, tokens=8)
    sessions = [engine.session() for _ in range(7)]
    seen = forwards(engine)
    with held(scheduler):
        waiting = [scheduler.update(s, text(4 + i, seed=i)) for i, s in enumerate(sessions)]
    steps = [future.result(WAIT) for future in waiting]
    scheduler.close()
    assert sum(map(sum, seen)) == 49
    assert all(len(sizes) <= 3 and sum(sizes) <= 8 for sizes in seen)
    for session, step in zip(sessions, steps, strict=True):
        assert_alone(session, step)


@pytest.mark.parametrize(
    ("wants", "given"),
    [
        ([100], [32]),
        ([1, 100], [1, 31]),
        ([100, 1, 100], [15, 1, 16]),
        ([100] * 4, [8] * 4),
        ([1] * 16, [1] * 16),
        ([5, 2, 3], [5, 2, 3]),
        ([], []),
    ],
    ids=str,
)
def test_everybody_gets_the_same_and_nothing_is_wasted(wants: list[int], given: list[int]) -> None:
    assert shares(wants, 32) == given


def test_two_requests_of_one_session_are_served_one_after_the_other(
    engine: Engine, scheduler: Scheduler
) -> None:
    session = engine.session()
    with held(scheduler):
        futures = [
            scheduler.update(session, text(70)),
            scheduler.step(session),
            scheduler.update(session, text(40)),
            scheduler.update(session, text(40)),
        ]
    steps = [future.result(WAIT) for future in futures]
    assert [(s.reused, s.dropped, s.fed) for s in steps[:3]] == [
        (0, 0, 70),
        (70, 0, 1),
        (39, 32, 1),
    ]
    assert steps[3] is steps[2]
    assert_alone(session, steps[2])


def test_sampling_in_a_batch_draws_what_the_session_alone_draws(
    engine: Engine, scheduler: Scheduler
) -> None:
    def drawing(seed: int) -> Session:
        return engine.session(sampling=SamplingParams(temperature=1.5, seed=seed))

    together = [drawing(seed) for seed in range(3)]
    for turn in range(6):
        with held(scheduler):
            futures = [
                scheduler.step(s) if turn else scheduler.update(s, text(9)) for s in together
            ]
        for future in futures:
            future.result(WAIT)
    for seed, session in enumerate(together):
        alone = drawing(seed)
        alone.update(text(9))
        for _ in range(5):
            alone.step()
        assert session.ids == alone.ids


@pytest.mark.parametrize("how", ["no cache", "no mask"])
def test_what_cannot_be_cut_is_fed_whole(how: str, engine: Engine, scheduler: Scheduler) -> None:
    session = engine.session(
        cache=NoCache() if how == "no cache" else None,
        visibility=Visibility(causal=how != "no mask"),
    )
    seen = forwards(engine)
    step = scheduler.update(session, text(70)).result(WAIT)
    assert seen == [[70]]
    assert_alone(session, step)


def test_cancelling_a_session_frees_its_turn_and_its_memory(
    engine: Engine, scheduler: Scheduler
) -> None:
    """In the middle of its prompt, with another session waiting."""
    gone, other = engine.session(), engine.session()
    scheduler.update(gone, text(50, seed=2)).result(WAIT)
    memory = weakref.ref(gone.cache[0])
    seen, plain = forwards(engine), engine.model.feed

    def feed(segments):
        if len(seen) == 1:
            scheduler.cancel(gone)
        return plain(segments)

    engine.model.feed = feed
    with held(scheduler):
        futures = [scheduler.update(gone, text(150)), scheduler.step(gone)]
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(WAIT)
    scheduler.update(other, text(3)).result(WAIT)
    assert seen == [[32], [32], [3]]
    gc.collect()
    assert memory() is None
    assert (gone.ids, gone.cache.seq_len) == ((), 0)
    again = scheduler.update(gone, text(20)).result(WAIT)
    assert (again.index, again.fed) == (0, 20)
    assert_alone(gone, again)


def test_a_request_cancelled_half_way_leaves_the_session_right(
    engine: Engine, scheduler: Scheduler
) -> None:
    """The text before, then half of another, then a third that shares more with the first."""
    session, first = engine.session(), text(60)
    scheduler.update(session, first).result(WAIT)
    seen, plain = forwards(engine), engine.model.feed

    def feed(segments):
        if len(seen) == 1:
            futures[0].cancel()
        return plain(segments)

    engine.model.feed = feed
    with held(scheduler):
        futures = [
            scheduler.update(session, [*first[:5], *text(100, seed=3)]),
            scheduler.update(session, [*first[:50], 7]),
        ]
    step = futures[1].result(WAIT)
    assert seen == [[32], [32], [32], [14]]
    assert (step.reused, step.fed) == (5, 46)
    assert_alone(session, step)


def test_an_error_reaches_its_caller_alone(engine: Engine, scheduler: Scheduler) -> None:
    """One is refused before it starts, one fails within the forward that others share."""
    fine, full, refused = (
        engine.session(),
        engine.session(cache=Static(capacity=6)),
        engine.session(),
    )
    for session in (fine, full):
        scheduler.update(session, text(6)).result(WAIT)
    with held(scheduler):
        futures = [scheduler.step(s) for s in (fine, full, refused)]
    with pytest.raises(ValueError, match="capacity=6"):
        futures[1].result(WAIT)
    with pytest.raises(ValueError, match="0 tokens in this session"):
        futures[2].result(WAIT)
    assert_alone(fine, futures[0].result(WAIT))
    assert {layer.n_seen for layer in fine.cache.layers} == {7}
    assert_alone(fine, scheduler.step(fine).result(WAIT))
    assert_alone(full, scheduler.update(full, text(4)).result(WAIT))


def test_an_error_of_a_job_reaches_its_caller_and_the_thread_goes_on(scheduler: Scheduler) -> None:
    def fails() -> None:
        raise SystemExit("the job's own affair")

    with pytest.raises(SystemExit, match="own affair"):
        scheduler.submit(fails).result(WAIT)
    assert scheduler.submit(lambda: 3).result(WAIT) == 3


def test_jobs_run_in_the_order_of_asking_in_one_thread(scheduler: Scheduler) -> None:
    served: list[int] = []
    with held(scheduler):
        futures = [scheduler.submit(lambda n=n: served.append(n)) for n in range(12)]
    for future in futures:
        future.result(WAIT)
    assert served == list(range(12))
    threads = {scheduler.run(threading.get_ident) for _ in range(3)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_job_may_ask_for_another(scheduler: Scheduler) -> None:
    assert scheduler.run(lambda: scheduler.run(lambda: 3)) == 3


def test_sessions_and_pieces_of_jobs_take_turns(engine: Engine, scheduler: Scheduler) -> None:
    order: list[str] = []

    def job(name: str) -> Resumable[str]:
        for _ in range(3):
            order.append(name)
            yield
        return name

    plain = engine.model.feed
    engine.model.feed = lambda segments: (order.append("forward"), plain(segments))[1]
    with held(scheduler):
        jobs = [scheduler.submit_pieces(job(name)) for name in "ab"]
        prompt = scheduler.update(engine.session(), text(100))
    assert [future.result(WAIT) for future in jobs] == ["a", "b"]
    prompt.result(WAIT)
    assert order[:8] == ["forward", "a", "forward", "b", "forward", "a", "forward", "b"]


def test_a_verification_pauses_after_every_layer_for_a_key(
    engine: Engine, scheduler: Scheduler
) -> None:
    session = engine.session()
    step = scheduler.update(session, text(40)).result(WAIT)
    key, seen = engine.session(), forwards(engine)
    pieces = verifying(engine, [step])
    next(pieces)
    assert scheduler.update(key, text(3)).result(WAIT).fed == 3
    assert seen == [[3]]
    verdict = scheduler.submit_pieces(pieces).result(WAIT)
    assert verdict == verify(engine, [step])
    assert verdict.equal


def test_two_engines_never_share_a_forward(scheduler: Scheduler) -> None:
    engines = [tiny_engine(), tiny_engine(seed=1)]
    sessions = [engine.session() for engine in engines for _ in range(2)]
    with held(scheduler):
        futures = [scheduler.update(session, text(5)) for session in sessions]
    for session, future in zip(sessions, futures, strict=True):
        assert_alone(session, future.result(WAIT))


def test_closing_cancels_what_waits_and_ends_the_thread(engine: Engine) -> None:
    scheduler, gate, reached = Scheduler("closing"), threading.Event(), threading.Event()
    running = scheduler.submit(lambda: reached.set() or gate.wait(WAIT))
    assert reached.wait(WAIT)
    waiting = [scheduler.update(engine.session(), text(3)), scheduler.submit(lambda: 1)]
    closing = threading.Thread(target=scheduler.close)
    closing.start()
    for future in waiting:
        with pytest.raises(CancelledError):
            future.result(WAIT)
    gate.set()
    closing.join(WAIT)
    assert running.result(WAIT) is True
    with pytest.raises(RuntimeError, match="closed"):
        scheduler.submit(lambda: 1)


def test_a_forward_with_room_for_fewer_tokens_than_sequences_is_refused() -> None:
    with pytest.raises(ValueError, match=r"sequences=16 .*tokens=8"):
        Scheduler(tokens=8)
