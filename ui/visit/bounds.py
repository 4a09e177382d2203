"""The choices of an address, kept within what there is: a layer, a head, a step, a view.

What is out of range is said, and the nearest is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from ui.language.i18n import N_
from ui.views import address
from ui.views.address import Notice
from ui.visit import notices, state


def step(n_steps: int, *, first: int = 0, default: int | None = None) -> int:
    """The step that the address asks for: one of `n_steps`, counted from `first`."""
    return _index("step", n_steps, first if default is None else default, first)


def index(key: str, n: int) -> int:
    """The layer or head that the address asks for, from 0 to `n - 1`."""
    return _index(key, n, min(getattr(state.opens_on(), key), n - 1))


def view(options: Sequence[str], default: str | None = None) -> str:
    """The view that the address asks for: one of `options`."""
    asked = state.current().view
    if asked is None or asked not in options:
        fallback = default or options[0]
        if asked is not None:
            values = {"value": address.shown(asked), "options": tuple(options)}
            text = N_("view={value} is not one of {options}: {used} is shown.")
            notices.note("view", Notice(text, values | {"used": fallback}))
        state.current().view = fallback
    notices.draw("view")
    return state.current().view or options[0]


def _index(key: str, n: int, default: int, first: int = 0) -> int:
    asked = getattr(state.current(), key)
    last = first + n - 1
    if asked is not None and not first <= asked <= last:
        text = N_("{key}={value} is out of range: it goes from {first} to {last}. {used} is shown.")
        used = max(first, min(asked, last))
        values = {"key": key, "value": asked, "first": first, "last": last, "used": used}
        notices.note(key, Notice(text, values))
        asked = used
    value = default if asked is None else asked
    setattr(state.current(), key, value)
    return value
