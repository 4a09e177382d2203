"""Sentences that several figures say."""

from __future__ import annotations

from ui.language.i18n import speaker


def keys_help(lang: str) -> str:
    """How the keys work in a matrix of cells, for a screen reader."""
    _ = speaker(lang)
    return _("Arrow keys move from cell to cell, Home and End to the ends of a row.")


def one_value(lang: str) -> str:
    """One value of a barcode."""
    _ = speaker(lang)
    return _(
        "{letter} of ‘{token}’ ({pos}) · layer {layer}, kv head {kv_head}, dimension {dim}: {value}"
    )
