"""How a view is placed in an author's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kvembed.contract import PLACEMENT
from kvembed.values import AUTO, check, read, written
from kvembed.view import View


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Height in CSS pixels or auto, when it starts, live or recorded, and its text alternative.

    Raises ValueError, naming the value and what is allowed, for what the contract refuses.
    """

    height: int | Literal["auto"] = AUTO
    start: str | None = None
    mode: str = "live"
    alt: str = ""

    def __post_init__(self) -> None:
        for parameter in PLACEMENT:
            value = getattr(self, parameter.name)
            if value is not None:
                check(parameter.name, value)

    def options(self) -> dict[str, str]:
        """The options that differ from the defaults, as a directive has them."""
        pairs = {parameter.name: getattr(self, parameter.name) for parameter in PLACEMENT}
        usual = Placement.__dataclass_fields__
        return {
            name: written(value) for name, value in pairs.items() if value != usual[name].default
        }


def embedding(page: str, options: Mapping[str, str]) -> tuple[View, Placement]:
    """The view and placement that a directive asks for: parameters of both, as text, mixed.

    Raises ValueError for a page, a name or a value that the contract does not have.
    """
    names = [parameter.name for parameter in PLACEMENT]
    values: dict[str, Any] = {name: read(name, text) for name, text in options.items()}
    placed = {name: values.pop(name) for name in names if name in values}
    return View(page, **values), Placement(**placed)
