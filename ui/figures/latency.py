"""Words of the chart of milliseconds against position."""

from __future__ import annotations

from kvcore.figures import LatencyWords
from ui.language.i18n import speaker


def words(lang: str) -> LatencyWords:
    """The chart's words in a language."""
    _ = speaker(lang)
    return LatencyWords(
        cached=_("with the cache"),
        recomputed=_("recomputed"),
        position=_("tokens in context"),
        milliseconds=_("milliseconds for one token"),
        hover="%{y:.1f} ms",
    )


def alt(lang: str) -> str:
    """The same chart in one sentence, for a screen reader."""
    _ = speaker(lang)
    return _(
        "Line chart: milliseconds for one token against tokens in context, with the cache and "
        "recomputed; the band spans the repeats."
    )
