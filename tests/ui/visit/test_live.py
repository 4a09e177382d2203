"""The cache of a visit, in the queue that all visits share."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from tests.opening import Open
from ui.served import host
from ui.visit import live


def test_choosing_another_model_frees_the_cache_of_the_first(
    tiny_host: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.st, "session_state", {})
    first = host.decoder("tiny")
    session = live._live(first).session
    host.scheduler.update(session, [5, 9, 2]).result(10)
    live._live(dataclasses.replace(first, name="another"))
    assert (session.cache.seq_len, session.last) == (0, None)


def test_a_key_typed_goes_in_between_the_pieces_of_another_job(site: Open) -> None:
    """As a verification is: it would hold up the page until the test ends if it were one piece."""
    typed = threading.Event()

    def endless():
        while not typed.is_set():
            yield

    job = host.scheduler.submit_pieces(endless())
    try:
        app = site(prompt="ab").text_input(key="prompt").set_value("abcd").run()
    finally:
        typed.set()
    job.result(10)
    assert not app.exception
