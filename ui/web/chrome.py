"""The words of Streamlit's own frontend, in every language: it knows only English."""

from __future__ import annotations

from typing import Final

from kvembed.languages import LANGUAGES
from ui.language.i18n import N_, speaker

_SAID: Final = (
    N_("{n} option available."),
    N_("{n} options available."),
    N_("Choose an option"),
    N_("Clear all"),
    N_("Clear value"),
    N_("Close"),
    N_("Copied"),
    N_("Copy to clipboard"),
    N_("Dismiss"),
    N_("Help"),
    N_("No results"),
    N_("Open"),
    N_("Pages"),  # not Streamlit's, whose row of links has no name
    N_("Select all"),
    N_("Selected values"),
    N_("Skip to main content"),
)


def words() -> dict[str, dict[str, str]]:
    """By language: what it says instead of each English word."""
    return {lang: {each: speaker(lang)(each) for each in _SAID} for lang in LANGUAGES}
