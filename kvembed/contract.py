"""The contract with authors: which pages can be embedded, and what an address may say of them.

Pages and parameters are public API. Within a version names are only added: a link, a snippet or a
directive that somebody put into a course goes on working. The site reads its addresses by this
table, and every plugin writes them by it. Its words are in kvembed/languages/, in each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from kvembed.languages import LANGUAGES

VERSION: Final = 1

MAX_PROMPT_TOKENS: Final = 128  # so many of a prompt are read
LOCK_ALL: Final = "all"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page that can be embedded: the path it has on the site, and its title by language.

    `room` is the height, in CSS by its width (100%), that it takes at its opening: its picture, the
    live view and the recording all stand in as much, so that nothing around them moves when one
    replaces another. Measured, and held by tests/browser/test_embed_height.py.
    """

    path: str
    title: Mapping[str, str]
    room: str


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Something that an author may say: its kind, its bound, and what it does, by language.

    `most` bounds the characters of a text and the value of a number; `choices` are the words that a
    choice, or each of several names, can be.
    """

    name: str
    kind: Literal["text", "number", "choice", "names", "height"]
    about: Mapping[str, str]
    most: int = 0
    choices: tuple[str, ...] = ()


def _said(of: Literal["titles", "abouts"], name: str) -> Mapping[str, str]:
    """The text of each language on a page or a parameter. ValueError for one that has none."""
    words = {code: getattr(language, of).get(name, "") for code, language in LANGUAGES.items()}
    if missing := [code for code, text in words.items() if not text]:
        raise ValueError(f"kvembed/languages/{missing[0]}.py has no {name!r} in its {of}: add it")
    return {code: text.format(tokens=MAX_PROMPT_TOKENS) for code, text in words.items()}


PAGES: Final[Mapping[str, Page]] = {
    "home": Page(
        path="",
        title=_said("titles", "home"),
        # Above 600 px its parts stand side by side.
        room="calc(1080px + clamp(0px, (600px - 100%) * 99, 560px))",
    ),
    "why-not-q": Page(
        path="why-not-q",
        title=_said("titles", "why-not-q"),
        room="min(1120px, 640px + 95%)",
    ),
    "growth": Page(
        path="growth",
        title=_said("titles", "growth"),
        room="1000px",
    ),
    "timing": Page(
        path="timing",
        title=_said("titles", "timing"),
        room="max(640px, 1400px - 150%)",
    ),
}

# What a view is: every part of it that a link restores, in the order in which an address has it.
STATE: Final = (
    Parameter(
        name="lang",
        kind="choice",
        choices=tuple(LANGUAGES),
        about=_said("abouts", "lang"),
    ),
    Parameter(
        name="prompt",
        kind="text",
        most=2000,  # as many tokens are about 600 characters; a link must stay a link
        about=_said("abouts", "prompt"),
    ),
    Parameter(
        name="model",
        kind="text",
        most=80,
        about=_said("abouts", "model"),
    ),
    Parameter(
        name="layer",
        kind="number",
        most=9999,
        about=_said("abouts", "layer"),
    ),
    Parameter(
        name="head",
        kind="number",
        most=9999,
        about=_said("abouts", "head"),
    ),
    Parameter(
        name="step",
        kind="number",
        most=9999,
        about=_said("abouts", "step"),
    ),
    Parameter(
        name="view",
        kind="text",
        most=80,
        about=_said("abouts", "view"),
    ),
)

# The parts of a view that can be fixed, which are all of them.
KEYS: Final = tuple(parameter.name for parameter in STATE)

PARAMETERS: Final = (
    *STATE,
    Parameter(
        name="lock",
        kind="names",
        choices=(*KEYS, LOCK_ALL),
        about=_said("abouts", "lock"),
    ),
)

# How a view is placed in the author's page. None of it is part of an address.
PLACEMENT: Final = (
    Parameter(
        name="height",
        kind="height",
        most=4000,
        about=_said("abouts", "height"),
    ),
    Parameter(
        name="start",
        kind="choice",
        choices=("visible", "click"),
        about=_said("abouts", "start"),
    ),
    Parameter(
        name="mode",
        kind="choice",
        choices=("live", "snapshot"),
        about=_said("abouts", "mode"),
    ),
    Parameter(
        name="alt",
        kind="text",
        most=500,
        about=_said("abouts", "alt"),
    ),
)
