"""Token labels in running text."""

from __future__ import annotations

from kvcore import TokenLabel
from ui.address import shown
from ui.i18n import _


def name(label: TokenLabel) -> str:
    """A token in plain text: a leading space as a thin mark, a fragment with its number."""
    part = f" {label.part}/{label.parts}" if label.parts > 1 else ""
    return f"{'·' if label.space else ''}{label.text}{part}"


def quoted(label: TokenLabel) -> str:
    """A token in quotes, safe in a Markdown sentence whatever a visitor typed."""
    return in_quotes(name(label))


def in_quotes(text: str) -> str:
    """A visitor's text in quotes, safe in a Markdown sentence."""
    return _("‘{text}’").format(text=shown(text))
