"""Numbers as people read them, each with its unit."""

from __future__ import annotations

JOINED = "\u00a0"  # a space at which no line breaks: a number stays beside its unit


def gap(value: float) -> str:
    """A difference of logits: 0 only when it is exactly 0."""
    return f"{value:.2f}" if value >= 0.01 else power_of_ten(value)


def power_of_ten(value: float) -> str:
    """A small number in two digits: 3.1e-5, 2e-4; 0 only when it is exactly 0."""
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}" if value else "0"


def size(n_bytes: float) -> str:
    """Bytes in powers of 1024, with the digits that `bytes` in frontend/format.js gives them."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB"):
        if n_bytes < 1024:
            break
        n_bytes, unit = n_bytes / 1024, larger
    digits = 0 if unit == "B" or n_bytes >= 100 else 1
    return f"{n_bytes:.{digits}f}{JOINED}{unit}"


def many(value: float) -> str:
    """A large count with three digits and a power of a thousand."""
    for unit in ("", "k", "M", "G"):
        if value < 1000:
            digits = 0 if not unit or value >= 100 else 1
            return f"{value:.{digits}f}{JOINED}{unit}".removesuffix(JOINED)
        value /= 1000
    return f"{value:.1f}{JOINED}T"
