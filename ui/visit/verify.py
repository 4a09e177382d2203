"""The verified badge: the run on this page, computed again without a cache, and compared."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Final, TypeAlias

import streamlit as st

from kvcore import TOLERANCE, Verdict
from kvcore.ops.resumable import Resumable
from kvcore.study.compare import ROOM
from ui.language.i18n import _
from ui.language.units import power_of_ten
from ui.served import host
from ui.visit import browser, state

Check: TypeAlias = Callable[[], Resumable[Verdict]]

_LOG: Final = logging.getLogger(__name__)
_QUIET: Final = 1.0  # seconds without a new run before the check may use the cores
_POLL: Final = 0.4  # seconds between two looks at a check under way
_KEPT: Final = 256


class Checks:
    """The newest checks by run: each is made once, whoever asks."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._found: OrderedDict[Hashable, Future[Verdict]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, run: Hashable) -> Future[Verdict] | None:
        """The check of a run, if it was begun."""
        with self._lock:
            if run in self._found:
                self._found.move_to_end(run)
            return self._found.get(run)

    def begin(self, run: Hashable, check: Check) -> Future[Verdict]:
        """Begin the check of a run beside the pages, unless that was done."""
        with self._lock:
            if run not in self._found:
                self._found[run] = host.scheduler.submit_pieces(check())
                while len(self._found) > self._kept:
                    self._found.popitem(last=False)
            return self._found[run]


_checks: Final = Checks()


def badge(run: Hashable, check: Check, place: str = "run", how: str | None = None) -> None:
    """Say whether the run equals its recomputation, and how that was found out.

    `run` names it among all runs of its model: the same tokens reached in two ways are two runs.
    `check` compares and judges, in pieces that let a key go first; it is called once a run, in the
    background, after the visitor has been idle for a second. `place` tells two badges on one page
    apart. `how` says how it was found out, where that is not by one recomputation.
    """
    st.fragment(_draw)((state.current().model, run), check, place, how or _how())


def _draw(run: Hashable, check: Check, place: str, how: str) -> None:
    found = _checks.find(run)
    if found is None and st.session_state.pop(f"verify_{place}", None) == run:
        found = _checks.begin(run, check)
    if found is None or not found.done():
        with st.popover(_("Verifying: does cached equal recomputed?"), type="tertiary"):
            st.markdown(how)
        quiet = _QUIET if found is None else _POLL
        browser.run_again_after(quiet, f"verify_{place}", lambda: _due(run, place))
    elif found.exception():
        _LOG.error("a check failed", exc_info=found.exception())
        st.error(_("This run could not be verified: the recomputation failed."))
    else:
        _say(found.result(), how)


def _due(run: Hashable, place: str) -> None:
    st.session_state[f"verify_{place}"] = run


def _say(verdict: Verdict, how: str) -> None:
    if not verdict.equal:
        st.error(_different(verdict))
        return
    text = _("Cached equals recomputed on this run: max logit gap {gap} in 32-bit numbers")
    if verdict.gap64 is not None:
        text = _(
            "Cached equals recomputed on this run: max logit gap {gap} in 32-bit numbers, {gap64} "
            "in 64-bit: only rounding"
        )
        how = f"{how}\n\n{_how_in_64_bits()}\n\n{_how_of_rows(verdict)}"
    with st.popover(f"✓ {text.format(**_numbers(verdict))}", type="tertiary"):
        st.markdown(how.format(**_numbers(verdict)))


def _different(verdict: Verdict) -> str:
    """By how much, and the first thing that rounding does not explain."""
    assert verdict.furthest is not None, "what is beyond the usual was judged in fp64"
    text = _(
        "Not equal: cached and recomputed differ on this run, by {gap} in 32-bit numbers and "
        "{gap64} in 64-bit."
    )
    if not verdict.furthest.times <= ROOM:
        where = _(
            "The cache holds a row that rounding does not explain: {letter} of the token at "
            "position {pos} in layer {layer}. It is {times} times as far from its value in 64-bit "
            "numbers as 32 bits were seen to put it."
        )
        if verdict.furthest.what == "logits":
            where = _(
                "Rounding does not explain the logits after the token at position {pos}: their gap "
                "is {times} times as large as what 32 bits were seen to do there."
            )
        text = f"{text} {where}"
    return text.format(**_numbers(verdict))


def _numbers(verdict: Verdict) -> dict[str, object]:
    """The numbers that the sentences name."""
    numbers: dict[str, object] = {
        "gap": power_of_ten(verdict.gap),
        "usual": power_of_ten(TOLERANCE),
        "room": ROOM,
        "rows": f"{verdict.n_rows:,}",
    }
    if verdict.gap64 is not None and verdict.rounding is not None:
        numbers |= {
            "gap64": power_of_ten(verdict.gap64),
            "rounding": power_of_ten(verdict.rounding),
        }
    if verdict.furthest is not None:
        times, letter, pos, layer = verdict.furthest
        shown = f"{times:.1f}" if times < 100 else power_of_ten(times)
        numbers |= {"times": shown, "letter": letter, "pos": pos, "layer": layer}
    return numbers


def _how() -> str:
    return _(
        "The run on this page used a KV cache. In the background, the same tokens are fed to the "
        "model once more, all at once and without a cache, and the logits of the steps shown here "
        "are compared. The gap is hardly ever exactly 0: the same numbers are added up in another "
        "order, and the last digits of a floating-point sum depend on the order."
    )


def _how_in_64_bits() -> str:
    return _(
        "On most texts it stays below {usual}. This text amplifies what is rounded away, so both "
        "ways ran again with every number in 64 bits, which round 500 million times finer: there "
        "the gap is {gap64}. A mistake of the computation would not shrink. Without any cache, 32 "
        "bits alone move the logits of this text by up to {rounding}."
    )


def _how_of_rows(verdict: Verdict) -> str:
    if not verdict.n_rows:
        return _("The cache has changed since, so its rows of K and V could not be compared.")
    return _(
        "The gap of every step was held against what 32 bits alone do to its logits, and each of "
        "the {rows} rows of K and V in the cache was compared with its value in 64 bits. None is "
        "more than {times} times as far off as 32 bits were seen to put it; beyond {room} times "
        "this would say: not equal."
    )
