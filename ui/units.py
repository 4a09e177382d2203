"""Numbers as people read them, each with its unit."""

from __future__ import annotations


def gap(value: float) -> str:
    """A difference of logits: 0 only when it is exactly 0."""
    if value == 0:
        return "0"
    return f"{value:.2f}" if value >= 0.01 else f"{value:.1e}"


def size(n_bytes: float) -> str:
    """Bytes in powers of 1024, as the figures say them."""
    for unit in ("B", "KiB", "MiB"):
        if n_bytes < 1024:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.1f} GiB"


def many(value: float) -> str:
    """A large count with three digits and a power of a thousand."""
    for unit in ("", " k", " M", " G"):
        if value < 1000:
            return f"{value:.0f}{unit}" if not unit or value >= 100 else f"{value:.1f}{unit}"
        value /= 1000
    return f"{value:.1f} T"
