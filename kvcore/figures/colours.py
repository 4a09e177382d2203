"""Colours that the figures share with the site, whose palette `make colours` writes here."""

K = "#0072B2"
REDO = "#D55E00"  # work for nothing
ATTENTION = "#CC79A7"


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour, 0 to 255."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
