"""What a table is made of: the unpacked block of a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from numpy.typing import NDArray

from ui.components.labels import SentLabel

Meta: TypeAlias = Mapping[str, Any]
Arrays: TypeAlias = Mapping[str, NDArray[Any]]


def plain(label: SentLabel) -> str:
    """A token as it stands in the text, its leading space too; a fragment with its number."""
    part = f" {label['part']}/{label['parts']}" if label["parts"] > 1 else ""
    return f"{' ' if label['space'] else ''}{label['text']}{part}"
