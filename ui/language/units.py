"""Numbers as people read them, each with its unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
JOINED = "\u00a0"  # a space at which no line breaks: a number stays beside its unit


def gap(value: float) -> str:
    """A difference of logits: 0 only when it is exactly 0."""
    return f"{value:.2f}" if 0.01 <= value < math.inf else power_of_ten(value)


def power_of_ten(value: float) -> str:
    """A small number in two digits: 3.1e-5, 2e-4; 0 only when it is exactly 0."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}" if value else "0"


def fixed(value: float, decimals: int) -> str:
    """As `fixed` in kvfront/shared/format.js: so many decimals, and a true minus sign."""
    text = "∞" if math.isinf(value) else f"{abs(value):.{decimals}f}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


def significant(value: float, digits: int) -> str:
    """As `significant` in kvfront/shared/format.js: a share of 1, 0 only when it is exactly 0."""
    if not value:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if power < -4:
        return f"{mantissa}×10{str(power).translate(_RAISED)}"
    return f"{value:.{digits - 1 - power}f}"


def size(n_bytes: float) -> str:
    """Bytes in powers of 1024, with the digits of `bytes` in kvfront/shared/format.js."""
    return _in_steps(n_bytes, 1024, ("B", "KiB", "MiB", "GiB"))


def many(value: float) -> str:
    """A large count with three digits and a power of a thousand."""
    return _in_steps(value, 1000, ("", "k", "M", "G", "T"))


def _in_steps(value: float, step: int, units: Sequence[str]) -> str:
    """In the largest unit that leaves at least 1: whole in the first and from 100 on."""
    at = 0
    while value >= step and at < len(units) - 1:
        value, at = value / step, at + 1
    digits = 0 if at == 0 or value >= 100 else 1
    return f"{value:.{digits}f}{JOINED}{units[at]}".removesuffix(JOINED)
