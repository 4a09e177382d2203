"""Arguments of a caller, as Python's own types, or a ValueError that says what to give instead.

Numbers of other libraries count as numbers; True and 2.5 are no whole ones. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from reprlib import repr as short

LARGEST = 1 << 24  # the whole numbers up to here are exact in fp32, in which positions are turned


def whole(name: str, value: object, least: int = 1, most: int = LARGEST, why: str = "") -> int:
    """A whole number from `least` to `most`; `why` ends the message when it is another one."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ValueError(f"{name}={short(value)} must be a whole number{why}")
    given = int(value)
    if not least <= given <= most:
        open_end = most == LARGEST and given < least
        must = f"at least {least}" if open_end else f"from {least} to {most}"
        raise ValueError(f"{name}={short(given)} must be {must}{why}")
    return given


def number(name: str, value: object, *, positive: bool = False) -> float:
    """A finite number from 0 on, or above 0."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(f"{name}={short(value)} must be a number")
    try:
        given = float(value)
    except OverflowError:  # a whole number too long for it
        given = math.inf
    if not 0 <= given < math.inf or (positive and not given):
        must = "a positive number" if positive else "0 or more, and finite"
        raise ValueError(f"{name}={short(value)} must be {must}")
    return given


def flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name}={short(value)} must be True or False")
    return value


def check_choice(name: str, value: object, *choices: str) -> None:
    """Refuse what is none of these words."""
    if not isinstance(value, str) or value not in choices:
        *most, last = map(repr, choices)
        raise ValueError(f"{name}={short(value)} must be {', '.join(most)} or {last}")


def whole_numbers(name: str, values: object, most: int = LARGEST, why: str = "") -> tuple[int, ...]:
    """Whole numbers from 0 to `most`, of a sequence or of an array or tensor of one dimension."""
    given = bytes(values) if isinstance(values, memoryview) else values
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, str | bytes | bytearray):
        raise ValueError(f"{name}={short(given)} is text: encode it with the model's tokenizer")
    if not isinstance(given, Sequence):
        raise ValueError(f"{name}={short(given)} must be a sequence of whole numbers{why}")
    if set(map(type, given)) == {int} and 0 <= min(given) <= max(given) <= most:
        return tuple(given)  # a long text, at once
    return tuple(whole(f"{name}[{i}]", value, 0, most, why) for i, value in enumerate(given))


def check_whole(
    holder: object, *names: str, least: int = 1, most: int = LARGEST, why: str = ""
) -> None:
    """Put the whole number itself in the place of each of these fields of a frozen value."""
    for name in names:
        object.__setattr__(holder, name, whole(name, getattr(holder, name), least, most, why))


def check_whole_numbers(holder: object, *names: str, most: int = LARGEST) -> None:
    """The same for tuples of them."""
    for name in names:
        object.__setattr__(holder, name, whole_numbers(name, getattr(holder, name), most))


def check_number(holder: object, *names: str, positive: bool = False) -> None:
    """The same for numbers."""
    for name in names:
        object.__setattr__(holder, name, number(name, getattr(holder, name), positive=positive))


def check_flag(holder: object, *names: str) -> None:
    """Refuse fields that are neither True nor False."""
    for name in names:
        flag(name, getattr(holder, name))


def check_kind(name: str, value: object, *kinds: type, why: str = "") -> None:
    """Refuse what is no value of these kinds, with `why` at the end; a kind itself is none."""
    if not isinstance(value, kinds):
        known = " or ".join(
            kind.__name__ if kind.__module__ == "builtins" else f"{kind.__name__}(...)"
            for kind in kinds
        )
        raise ValueError(f"{name}={short(value)} must be {known}{why}")
