"""Runs that are wrong on purpose: what a mistake with the cache does to the next tokens."""

from kvcore.study.whatif.result import WhatIfResult
from kvcore.study.whatif.run import what_if
from kvcore.study.whatif.specs import (
    KeyAtWrongPosition,
    KeyRotatedTwice,
    KRowDropped,
    MaskInWrongCorner,
    MaskOff,
    OldQDropped,
    StaleRow,
    VRowDropped,
    WhatIf,
)

__all__ = [
    "KRowDropped",
    "KeyAtWrongPosition",
    "KeyRotatedTwice",
    "MaskInWrongCorner",
    "MaskOff",
    "OldQDropped",
    "StaleRow",
    "VRowDropped",
    "WhatIf",
    "WhatIfResult",
    "what_if",
]
