"""The address of a page: its keys read with suspicion, and written in full.

Pure functions over strings. The keys are those of the contract that embeds are written by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kvembed.contract import KEYS, LOCK_ALL, PARAMETERS
from kvembed.languages import DEFAULT, LANGUAGES
from kvembed.values import BY_NAME, Value, written
from ui.language.i18n import N_

NAMES: Final = tuple(parameter.name for parameter in PARAMETERS)

MAX_PROMPT_CHARS: Final = BY_NAME["prompt"].most

_LINE: Final = re.compile(r"\r\n|[\t\n\v\f\r\u0085\u2028\u2029]")


@dataclass(frozen=True)
class Notice:
    """Something was wrong with a key: a sentence with named slots, translated when it is shown."""

    text: str
    values: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)

    def said(self, _: Callable[[str], str]) -> str:
        """The sentence in the language that `_` speaks, which has a comma of its own for lists."""
        shown = {
            key: _(", ").join(value) if isinstance(value, tuple) else value
            for key, value in self.values.items()
        }
        return _(self.text).format(**shown)


@dataclass(kw_only=True)
class State:
    """The state that a link restores. None where the page or the model has its own default.

    What is in `lock` is not the visitor's to change.
    """

    lang: str = DEFAULT
    prompt: str = ""
    model: str = ""
    layer: int | None = None
    head: int | None = None
    step: int | None = None
    view: str | None = None
    lock: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One address, read: the values of the keys it had, and what was wrong with them."""

    values: Mapping[str, Value]
    notices: Mapping[str, Notice]


def read(params: Mapping[str, str]) -> Reading:
    """Read the keys of an address. What is nonsense is left out, and said."""
    values: dict[str, Value] = {}
    notices: dict[str, Notice] = {}
    for key in NAMES:
        if key not in params:
            continue
        text = params[key]
        value: Value | None
        if key == "prompt":
            value, notice = read_prompt(text)
        elif key == "lang":
            value, notice = read_language(text)
        elif key in ("layer", "head", "step"):
            value, notice = _read_index(key, text)
        elif key == "lock":
            value, notice = _read_lock(text)
        else:  # only the host knows the models and only the page knows its views
            value, notice = clean(text)[0][: BY_NAME[key].most], None
        if value is not None:
            values[key] = value
        if notice is not None:
            notices[key] = notice
    return Reading(values, notices)


def write(state: State, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every key of `state` as an address has it; the prompt no longer than a link can carry."""
    pairs = {key: getattr(state, key) for key in NAMES}
    pairs["prompt"] = state.prompt[:MAX_PROMPT_CHARS]
    pairs["lock"] = (LOCK_ALL,) if set(KEYS) <= set(state.lock) else state.lock or None
    return {
        key: written(value)
        for key, value in (pairs | dict(known or {})).items()
        if value is not None
    }


def read_language(text: str) -> tuple[str | None, Notice | None]:
    """A language tag such as zh, zh-CN or en-GB as one of ours; None when we do not speak it."""
    lang = text.strip().lower().replace("_", "-").split("-")[0]
    if lang in LANGUAGES:
        return lang, None
    return None, Notice(
        N_("lang={value} is not a language of this site, which has {languages}."),
        {"value": shown(text), "languages": tuple(LANGUAGES)},
    )


def read_prompt(text: str) -> tuple[str, Notice | None]:
    """The prompt as a one-line text field can hold it."""
    cleaned, replaced = clean(text)
    if not replaced:
        return cleaned, None
    return cleaned, Notice(
        N_(
            "The prompt held control characters or broken characters ({count} of them). "
            "A line break or tab became a space, anything else became �."
        ),
        {"count": replaced},
    )


def clean(text: str) -> tuple[str, int]:
    """Replace what a line of text cannot hold; return the text and how many were replaced."""
    text, spaces = _LINE.subn(" ", text)
    broken = [unicodedata.category(char) in ("Cc", "Cs") for char in text]
    cleaned = "".join(
        "\N{REPLACEMENT CHARACTER}" if bad else char for char, bad in zip(text, broken, strict=True)
    )
    return cleaned, spaces + sum(broken)


def shown(text: str, limit: int = 40) -> str:
    """A visitor's text, safe and short enough to be quoted in a Markdown sentence."""
    text = clean(text)[0]
    text = text if len(text) <= limit else text[:limit] + "…"
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _read_index(key: str, text: str) -> tuple[int | None, Notice | None]:
    if re.fullmatch(r"\s*[0-9]{1,4}\s*", text):
        return int(text), None
    return None, Notice(
        N_("{key}={value} is not a whole number from 0 up, so the default is shown."),
        {"key": key, "value": shown(text)},
    )


def _read_lock(text: str) -> tuple[tuple[str, ...], Notice | None]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = KEYS if LOCK_ALL in names else tuple(key for key in KEYS if key in names)
    unknown = [name for name in names if name not in (*KEYS, LOCK_ALL)]
    if not unknown:
        return known, None
    return known, Notice(
        N_("lock={value} names something that cannot be locked. What can: {names}."),
        {"value": shown(text), "names": (*KEYS, LOCK_ALL)},
    )
