"""The rows of K and V that a cache holds of a step, for whoever compares them. No torch."""

from typing import NamedTuple, Protocol

import numpy as np


class LayerRows(NamedTuple):
    """The rows of one layer, copied; in fp64, which has every number of the other types."""

    k: np.ndarray  # (Hkv, S, D) after RoPE
    v: np.ndarray  # (Hkv, S, D)
    pos: np.ndarray  # (S,) absolute position of each


class Rows(Protocol):
    """No record: a way to the cache itself, which goes on changing after the step."""

    def copied(self) -> list[LayerRows] | None:
        """Each layer's; None where there are none, or where the cache has forgotten some since."""
        ...
