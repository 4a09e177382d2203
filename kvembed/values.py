"""Values that an author gave, held against the contract: read from text, and checked."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from kvembed.contract import LOCK_ALL, PAGES, PARAMETERS, PLACEMENT, Parameter

Value = str | int | tuple[str, ...]

AUTO: Final = "auto"
LEAST_HEIGHT: Final = 120

BY_NAME: Final = {parameter.name: parameter for parameter in (*PARAMETERS, *PLACEMENT)}


def read(name: str, text: str) -> Value:
    """The value of a parameter as somebody wrote it.

    Raises ValueError for a name that the contract does not have and for a value that it refuses.
    """
    parameter = _known(name)
    value: Value = text
    match parameter.kind:
        case "number" | "height" if re.fullmatch(r"[0-9]{1,4}", text.strip()):
            value = int(text)
        case "number":
            raise ValueError(f"{name}={text!r} is not a whole number from 0 to {parameter.most}")
        case "choice" | "height":
            value = text.strip()
        case "names":
            value = tuple(part.strip() for part in text.split(",") if part.strip())
    check(name, value)
    return value


def written(value: Value) -> str:
    """A value as an address and a directive have it: what `read` reads."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def check(name: str, value: Value) -> None:
    """Raise ValueError, with the value and the remedy, if the contract refuses it."""
    parameter = _known(name)
    match parameter.kind:
        case "text":
            _check_text(parameter, value)
        case "number":
            _check_number(parameter, value, least=0)
        case "height":
            if value != AUTO:
                _check_number(parameter, value, least=LEAST_HEIGHT)
        case "choice":
            _check_choice(parameter, value)
        case "names":
            for part in value if isinstance(value, tuple) else (value,):
                _check_choice(parameter, part)
            if isinstance(value, tuple) and LOCK_ALL in value and len(value) > 1:
                raise ValueError(f"{name}={written(value)!r} has names beside {LOCK_ALL!r}")


def check_page(page: str) -> None:
    """Raise ValueError for a page that cannot be embedded."""
    if page not in PAGES:
        raise ValueError(f"page={page!r} is not one of {', '.join(PAGES)}")


def server_url(text: str) -> str:
    """The address of the site that serves the views, without a slash at its end.

    Raises ValueError for what is not the http or https address of a server.
    """
    try:
        parts = urlsplit(text)
        found = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that is none
        found = False
    if not found or not re.fullmatch(r"[!-~]+", text) or re.search(r"[\"'<>\\^`{|}]", text):
        raise ValueError(f"server={text!r} is not an address such as https://kv.example.org")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"server={text!r} has more than a host and a path: leave the rest away")
    return text.rstrip("/")


def _known(name: str) -> Parameter:
    if name not in BY_NAME:
        raise ValueError(f"{name!r} is not a parameter: there are {', '.join(BY_NAME)}")
    return BY_NAME[name]


def _check_text(parameter: Parameter, value: Value) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{parameter.name}={value!r} is not text")
    if len(value) > parameter.most:
        raise ValueError(
            f"{parameter.name} has {len(value)} characters, and at most {parameter.most} fit: "
            "shorten it"
        )
    for position, char in enumerate(value):
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r":
            raise ValueError(
                f"{parameter.name} has the control or broken character {char!r} at position "
                f"{position}: take it out"
            )


def _check_number(parameter: Parameter, value: Value, least: int) -> None:
    number = isinstance(value, int) and not isinstance(value, bool)
    if not number or not least <= value <= parameter.most:  # type: ignore[operator]
        raise ValueError(
            f"{parameter.name}={value!r} is not a whole number from {least} to {parameter.most}"
        )


def _check_choice(parameter: Parameter, value: Value) -> None:
    if value not in parameter.choices:
        raise ValueError(f"{parameter.name}={value!r} is not one of {', '.join(parameter.choices)}")
