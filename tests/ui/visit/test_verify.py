"""The verified badge: one check a run, kept, and the truth told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from math import nan
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kvcore import Verdict
from kvcore.ops.resumable import at_once
from kvcore.study.distance import Far
from tests.opening import Open
from ui.served import host
from ui.visit import verify
from ui.visit.verify import Checks

ROUNDED = Far(2.0, "V", 7, 12)


def page(run: str, verdict: object) -> None:
    import streamlit as st

    from kvcore.ops.resumable import at_once
    from ui.views.address import State
    from ui.visit import verify

    st.session_state["site_state"] = State(model="tiny")

    def check() -> object:
        if verdict is None:
            raise RuntimeError("out of memory")
        return verdict

    verify.badge(run, lambda: at_once(check))


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_checks", Checks())


def settled(run: str, verdict: Verdict | None) -> AppTest:
    """The badge after the browser's clock has asked twice."""
    app = AppTest.from_function(page, kwargs={"run": run, "verdict": verdict}).run()
    assert "Verifying" in labels(app)
    app.session_state["verify_run"] = ("tiny", run)  # what the clock's callback does
    app.run()
    found = verify._checks.find(("tiny", run))
    assert found is not None
    found.exception(10)
    return app.run()


def labels(app: AppTest) -> str:
    """The words on the page's popovers."""
    return " ".join(popovers(app.main))


def popovers(node: Any) -> Iterator[str]:
    for child in getattr(node, "children", {}).values():
        if child.type == "popover":
            yield child.proto.popover.label
        yield from popovers(child)


def test_a_check_is_made_once_a_run_and_kept() -> None:
    checks, calls, equal = Checks(), [], Verdict(gap=1e-5)
    for _ in range(3):
        found = checks.begin("a", lambda: at_once(lambda: calls.append(1) or equal))
        assert found.result(10) is equal
    assert calls == [1]


def test_no_more_checks_are_kept_than_asked() -> None:
    checks = Checks(kept=2)
    for run in "abc":
        checks.begin(run, lambda: at_once(lambda: Verdict(gap=0.0))).result(10)
    assert checks.find("a") is None
    assert checks.find("b") is not None
    checks.begin("d", lambda: at_once(lambda: Verdict(gap=0.0)))
    assert checks.find("c") is None, "the one looked at last stays"


def test_two_ways_to_the_same_text_are_verified_apart(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[object] = []
    monkeypatch.setattr(verify, "badge", lambda run, *_args, **_kwargs: named.append(run))
    site(prompt="月光").text_input(key="prompt").set_value("月光如").run()
    site(prompt="月").text_input(key="prompt").set_value("月光如").run()
    site("why_not_q.py", prompt="月光如")
    assert len(named) == len(set(named)) == 3


def test_a_step_that_read_nothing_from_the_cache_is_not_called_verified(
    site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[object] = []
    monkeypatch.setattr(verify, "badge", lambda run, *_args, **_kwargs: named.append(run))
    app = site(prompt="月光如")
    assert not named
    assert any("nothing from the cache" in caption.value for caption in app.caption)


def test_a_check_waits_for_its_turn_at_the_model() -> None:
    checks, reached, busy = Checks(), threading.Event(), threading.Event()
    threading.Thread(target=host.run, args=(busy.wait,)).start()
    found = checks.begin("a", lambda: at_once(lambda: reached.set() or Verdict(gap=0.0)))
    assert not reached.wait(0.1)
    busy.set()
    assert found.result(10).equal


def test_nothing_is_checked_while_the_visitor_is_busy() -> None:
    app = AppTest.from_function(page, kwargs={"run": "r", "verdict": Verdict(gap=1e-5)}).run()
    app.run()
    assert verify._checks.find(("tiny", "r")) is None
    assert "Verifying" in labels(app)


def test_an_equal_run_is_said_to_be_equal_with_its_gap() -> None:
    app = settled("equal", Verdict(gap=3.14e-5))
    assert "max logit gap 3.1e-5 in 32-bit numbers" in labels(app)
    assert not app.error


def test_a_run_that_amplifies_rounding_is_equal_by_its_gap_in_64_bits() -> None:
    right = Verdict(
        gap=5.3e-3, gap64=1.7e-12, rounding=9e-2, furthest=Far(1.64, "V", 7, 12), n_rows=960
    )
    app = settled("amplified", right)
    assert "5.3e-3 in 32-bit numbers, 1.7e-12 in 64-bit: only rounding" in labels(app)
    assert not app.error
    told = " ".join(each.value for each in app.markdown)
    assert "below 2e-4. This text amplifies" in told
    assert "up to 9e-2" in told
    assert "the 960 rows of K and V" in told
    assert "1.6 times as far off" in told


def test_a_cache_whose_rows_were_not_compared_is_said_to_have_changed() -> None:
    app = settled("gone", Verdict(gap=1e-3, gap64=1e-12, rounding=1e-3, furthest=ROUNDED))
    told = " ".join(each.value for each in app.markdown)
    assert "could not be compared" in told
    assert "rows of K and V in the cache was compared" not in told


@pytest.mark.parametrize(("gap64", "said"), [(0.25, "2.5e-1"), (1e-12, "1e-12"), (nan, "NaN")])
def test_a_run_that_differs_is_said_to_differ(gap64: float, said: str) -> None:
    far = Far(1.2e5, "logits", 4)
    app = settled("differs", Verdict(gap=0.25, gap64=gap64, rounding=1.2e-6, furthest=far))
    assert "Not equal" in app.error[0].value
    for told in (
        "2.5e-1 in 32-bit",
        f"{said} in 64-bit",
        "at position 4: their gap is 1.2e5 times",
    ):
        assert told in app.error[0].value
    assert "Cached equals" not in labels(app)


def test_a_row_that_rounding_does_not_explain_is_named() -> None:
    far = Far(34.06, "K", 3, 29)
    app = settled("damaged", Verdict(gap=8e-2, gap64=1e-10, rounding=9e-2, furthest=far, n_rows=9))
    said = app.error[0].value
    assert "K of the token at position 3 in layer 29. It is 34.1 times" in said


def test_a_gap_that_stays_in_64_bits_blames_no_row_for_it() -> None:
    app = settled("stays", Verdict(gap=0.25, gap64=0.25, rounding=1e-2, furthest=ROUNDED, n_rows=9))
    assert app.error[0].value.endswith("in 64-bit.")


def test_a_check_that_fails_claims_nothing() -> None:
    app = settled("fails", None)
    assert "could not be verified" in app.error[0].value
    assert "Cached equals" not in labels(app)
