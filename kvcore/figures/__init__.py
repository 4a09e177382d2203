"""Records to plotly figures: pure functions, no computing beyond arranging."""

from kvcore.figures.blocks import BlockWords, block_map
from kvcore.figures.damage import DamageWords, damage_map
from kvcore.figures.slots import SlotWords, slot_map
from kvcore.figures.timing import LatencyWords, latency
from kvcore.figures.whatif import WhatIfWords, what_if

__all__ = [
    "BlockWords",
    "DamageWords",
    "LatencyWords",
    "SlotWords",
    "WhatIfWords",
    "block_map",
    "damage_map",
    "latency",
    "slot_map",
    "what_if",
]
