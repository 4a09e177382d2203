"""The queue in front of the model."""

import threading
import time

from ui.turns import Turns


def waiting(turns: Turns, n: int) -> None:
    """Wait until `n` threads stand in the queue."""
    deadline = time.monotonic() + 10
    while turns.n_waiting < n:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_turns_are_given_in_the_order_of_arrival() -> None:
    turns, served = Turns(), []

    def visit(number: int) -> None:
        with turns():
            served.append(number)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(12)]
    with turns():
        for number, thread in enumerate(threads):
            thread.start()
            waiting(turns, number + 1)
    for thread in threads:
        thread.join(10)
    assert served == list(range(12))


def test_nobody_who_just_had_a_turn_gets_ahead_of_those_who_wait() -> None:
    turns, served = Turns(), []

    def greedy() -> None:
        for _ in range(3):
            with turns():
                served.append("greedy")

    def patient() -> None:
        with turns():
            served.append("patient")

    with turns():
        threads = [threading.Thread(target=greedy), threading.Thread(target=patient)]
        for number, thread in enumerate(threads):
            thread.start()
            waiting(turns, number + 1)
    for thread in threads:
        thread.join(10)
    assert served == ["greedy", "patient", "greedy", "greedy"]


def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), 0, 0
    watch = threading.Lock()

    def visit() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns():
                with watch:
                    inside += 1
                    most = max(most, inside)
                with watch:
                    inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert most == 1


def test_who_has_the_turn_may_ask_for_it_again() -> None:
    turns = Turns()
    with turns(), turns():
        pass
    with turns():
        pass


def test_a_turn_ends_with_its_block_even_in_an_error() -> None:
    turns = Turns()
    try:
        with turns():
            raise KeyError
    except KeyError:
        pass
    thread = threading.Thread(target=lambda: turns().__enter__())
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
