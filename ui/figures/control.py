"""Who says what a figure shows: the visitor in it, or the page."""

from typing import Literal, TypeAlias

# "moved" is said once, when the visitor was elsewhere; what is "fixed", nobody moves in the figure.
Control: TypeAlias = Literal["free", "moved", "fixed"]
