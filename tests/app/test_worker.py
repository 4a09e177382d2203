"""The one thread that runs the model."""

import threading
import time

import pytest

from ui.worker import Worker


@pytest.fixture
def worker() -> Worker:
    return Worker("test")


def test_jobs_are_done_in_the_order_of_arrival(worker: Worker) -> None:
    served: list[int] = []
    gate = threading.Event()
    first = threading.Thread(target=worker.run, args=(gate.wait,))
    first.start()
    threads = []
    for number in range(12):
        thread = threading.Thread(target=worker.run, args=(lambda n=number: served.append(n),))
        thread.start()
        threads.append(thread)
        time.sleep(0.01)  # long enough to be in the queue before the next
    gate.set()
    for thread in [first, *threads]:
        thread.join(10)
    assert served == list(range(12))


def test_all_jobs_run_in_one_thread_that_is_not_the_callers(worker: Worker) -> None:
    seen = {worker.run(threading.get_ident) for _ in range(5)}
    assert len(seen) == 1
    assert threading.get_ident() not in seen


def test_a_job_may_ask_for_another(worker: Worker) -> None:
    assert worker.run(lambda: worker.run(lambda: 3)) == 3


def test_an_error_reaches_the_caller_and_the_next_job_is_done(worker: Worker) -> None:
    def fails() -> None:
        raise KeyError("k")

    with pytest.raises(KeyError):
        worker.run(fails)
    assert worker.run(lambda: 1) == 1
