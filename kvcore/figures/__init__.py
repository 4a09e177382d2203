"""Records to plotly figures: pure functions, no computing beyond arranging."""

from kvcore.figures.timing import LatencyWords, latency
from kvcore.figures.whatif import WhatIfWords, what_if

__all__ = ["LatencyWords", "WhatIfWords", "latency", "what_if"]
