"""Records to plotly figures: pure functions, no computing beyond arranging."""

from kvcore.figures.slots import SlotWords, slot_map
from kvcore.figures.timing import LatencyWords, latency
from kvcore.figures.whatif import WhatIfWords, what_if

__all__ = ["LatencyWords", "SlotWords", "WhatIfWords", "latency", "slot_map", "what_if"]
