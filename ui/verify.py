"""The verified badge: the run on this page, computed again without a cache, and compared."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Final, TypeAlias

import streamlit as st

from kvcore import TOLERANCE
from kvcore.pieces import Pieces
from ui import browser, host, state
from ui.i18n import _
from ui.units import power_of_ten

Check: TypeAlias = Callable[[], Pieces[float]]

_LOG: Final = logging.getLogger(__name__)
_QUIET: Final = 1.0  # seconds without a new run before the check may use the cores
_POLL: Final = 0.4  # seconds between two looks at a check under way
_KEPT: Final = 256


class Checks:
    """The newest checks by run: each is made once, whoever asks."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._found: OrderedDict[Hashable, Future[float]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, run: Hashable) -> Future[float] | None:
        """The check of a run, if it was begun."""
        with self._lock:
            if run in self._found:
                self._found.move_to_end(run)
            return self._found.get(run)

    def begin(self, run: Hashable, check: Check) -> Future[float]:
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
    `check` gives the largest gap of any logit, in pieces that let a key go first; it is called once
    a run, in the background, after the visitor has been idle for a second. `place` tells two badges
    on one page apart. `how` says how it was found out, where that is not by one recomputation.
    """
    st.fragment(_draw)((state.current().model, run), check, place, how or _how())


def _draw(run: Hashable, check: Check, place: str, how: str) -> None:
    found = _checks.find(run)
    if found is None and st.session_state.pop(f"verify_{place}", None) == run:
        found = _checks.begin(run, check)
    if found is None or not found.done():
        with st.popover(
            _("Verifying: does cached equal recomputed?"),
            icon=":material/hourglass_empty:",
            type="tertiary",
        ):
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


def _say(gap: float, how: str) -> None:
    numbers = {"gap": power_of_ten(gap), "tolerance": power_of_ten(TOLERANCE)}
    if gap > TOLERANCE:
        text = _(
            "Not equal: cached and recomputed differ on this run. The max logit gap is {gap}, and "
            "only up to {tolerance} counts as equal."
        )
        st.error(text.format(**numbers))
        return
    text = _("Cached equals recomputed on this run: max logit gap {gap} (within {tolerance})")
    with st.popover(text.format(**numbers), icon=":material/check:", type="tertiary"):
        st.markdown(how)


def _how() -> str:
    return _(
        "The run on this page used a KV cache. In the background, the same tokens are fed to the "
        "model once more, all at once and without a cache, and the logits of the steps shown here "
        "are compared. The gap is hardly ever exactly 0: the same numbers are added up in another "
        "order, and the last digits of a floating-point sum depend on the order."
    )
