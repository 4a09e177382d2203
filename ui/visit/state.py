"""The state of one visit: what the address says, carried from page to page.

The address is read when a visit starts, when the visitor goes back or forward, and when a link
asks for something else than the page before it showed; from then on what the visitor does wins.
Every run writes the whole state back to the address (`publish`), so a copied link restores it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from kvembed.languages import LANGUAGES
from kvembed.values import Value
from ui.figures.control import Control
from ui.language.i18n import N_, speak
from ui.served import host
from ui.views import address
from ui.views.address import Notice, State
from ui.views.openings import Opening, opening
from ui.visit import browser, notices

OWN: Final = ("step", "view")  # what a page does not share with the next

_KEY: Final = "site_state"
_LINKED: Final = "site_linked"
_PAGE: Final = "site_page"
_WIDGETS: Final = "site_widgets"


def begin() -> None:
    """Start a run: find the state it shows and the language it speaks."""
    visit = st.session_state
    first = _KEY not in visit
    notices.begin()
    if first:
        visit[_KEY] = State(lang=browser.language(), model=host.names()[0])
        visit[_WIDGETS] = set()
    if first or browser.went_back():
        if not first:
            _leave_own()  # the address that the visitor goes back to says all that its page had
        params = visit[_LINKED] = st.query_params.to_dict()
        _adopt(params)
        if first and "prompt" not in params:
            current().prompt = opens_on().prompt
    speak(current().lang)


def enter(page: str) -> None:
    """Say which page runs. One that the visitor came to by a link starts at its own step and view.

    A link between pages repeats the state as it was when it was drawn, which may be older than what
    the visitor typed since: only what it says differently is taken from it.
    """
    came_from = st.session_state.get(_PAGE, page)
    st.session_state[_PAGE] = page
    if came_from != page and not browser.went_back():
        _leave_own()
        linked: dict[str, str] = st.session_state[_LINKED]
        params = st.query_params.to_dict().items()
        _adopt({key: value for key, value in params if linked.get(key) != value})
        speak(current().lang)


def ask(params: dict[str, str]) -> None:
    """The page around a frame asks for another view than it did before.

    What it says again, the visitor may have changed since: only what is new is taken over.
    """
    asked: dict[str, str] = st.session_state[_LINKED]
    st.session_state[_LINKED] = params
    new = {key: value for key, value in params.items() if asked.get(key) != value}
    for key, value in address.read(new).values.items():
        _set(key, value)  # and what depends on it follows, as it does when the visitor chooses
    _adopt(new)


def current() -> State:
    """The state of this visit."""
    state: State = st.session_state[_KEY]
    return state


def opens_on() -> Opening:
    """The opening of a visit to the model of this one, in its language."""
    return opening(current().model, current().lang)


def locked(key: str) -> bool:
    """Whether an author has fixed a key: it has no control then."""
    return key in current().lock


def control(key: str) -> Control:
    """Who says what a figure shows of this key."""
    if locked(key):
        return "fixed"
    return "moved" if moved(key) else "free"


def put(key: str, value: str | int | None) -> None:
    """Keep what a control shows, unless it is locked."""
    if not locked(key):
        _set(key, value)


def _set(key: str, value: Value | None) -> None:
    """Change a key. Once that is done, what was wrong with it before is past."""
    if getattr(current(), key) == value:
        return
    opened_on = opens_on().prompt
    setattr(current(), key, value)
    notices.forget(key)
    reopened = current().prompt == opened_on != opens_on().prompt
    if reopened:
        follow("prompt", opens_on().prompt)
    if reopened or key == "model":
        # Another model has other layers and heads, and another text other tokens to point at.
        for own in ("layer", "head", "view"):
            follow(own, None)


def follow(key: str, value: str | int | None) -> None:
    """Change a key that is not locked by something else than its control, which has to show it."""
    if locked(key):
        return
    setattr(current(), key, value)
    notices.forget(key)
    st.session_state[_WIDGETS].add(key)


def query(**changes: str | int) -> dict[str, str]:
    """The parameters of a link to another page, which has its own steps and views."""
    pairs = address.write(current()) | {key: str(value) for key, value in changes.items()}
    return {key: value for key, value in pairs.items() if key in changes or key not in OWN}


def remember_link(params: dict[str, str]) -> None:
    """These parameters stand in the page's links: one that comes back unchanged says nothing."""
    st.session_state[_LINKED] = params


def publish(place: str = "page") -> None:
    """Write the state to the address bar. A fragment calls it too, under a `place` of its own."""
    state = current()
    browser.replace_address(address.write(state), LANGUAGES[state.lang].tag, place)


def seed(key: str, value: str | int) -> bool:
    """Make the widget `key` show `value` if the address changed it under the visitor's hands.

    False leaves it to the widget's own default. That is not the same: what a browser brings along
    after a lost connection, typed by the visitor, goes before a default.
    """
    return seed_all(key, {key: value})


def seed_all(key: str, values: Mapping[str, str | int]) -> bool:
    """The same for a key whose value is shown in widgets with names of their own."""
    forced = moved(key) and values.keys() <= st.session_state.keys()
    if forced:
        st.session_state.update(values)
    return forced


def moved(key: str) -> bool:
    """Whether a key changed under the visitor's hands since this was asked last."""
    keys: set[str] = st.session_state[_WIDGETS]
    asked = key in keys
    keys.discard(key)
    return asked


def changed(key: str, then: Callable[[], None] | None = None) -> Callable[[], None]:
    """A callback that keeps what the visitor chose in the widget `key`."""

    def keep() -> None:
        put(key, st.session_state[key])
        if then:
            then()

    return keep


def _leave_own() -> None:
    """Leave behind what a page has of its own, and the notices about it."""
    for key in OWN:
        setattr(current(), key, None)
        notices.forget(key)
        st.session_state[_WIDGETS].add(key)


def _adopt(params: Mapping[str, str]) -> None:
    """Take over what an address says."""
    reading = address.read(params)
    for key in params.keys() & set(address.NAMES):
        notices.note(key, reading.notices.get(key))
    for key, value in reading.values.items():
        setattr(current(), key, value)
        st.session_state[_WIDGETS].add(key)
    _check_model()


def _check_model() -> None:
    known = host.names()
    asked = current().model
    if asked not in known:
        current().model = known[0]
        text = N_("There is no model named {value} here, so {model} is used.")
        notices.note("model", Notice(text, {"value": address.shown(asked), "model": known[0]}))
