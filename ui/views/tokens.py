"""Token labels in running text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvcore import TokenLabel
from ui.language.i18n import N_, _
from ui.views.address import shown


def quoted(label: TokenLabel, say: Callable[[str], str] = _) -> str:
    """A token in quotes, safe in a Markdown sentence whatever a visitor typed."""
    return in_quotes(label.name, say)


def in_quotes(text: str, say: Callable[[str], str] = _) -> str:
    """A visitor's text in quotes, safe in a Markdown sentence."""
    return say(N_("‘{text}’")).format(text=shown(text))


def numbered(labels: Sequence[TokenLabel]) -> list[str]:
    """The tokens of a text to choose from: each with its position, since one can occur twice."""
    return [f"{label.name} ({pos})" for pos, label in enumerate(labels)]
