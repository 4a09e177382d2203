"""How many cores a piece of work is worth."""

import os
from types import TracebackType

import torch

# Multiplications that take one core about as long as waking another takes: 45 µs measured for each
# parallel operation, of which attention has three a layer, and a few where the other only spins.
SPINS = os.environ.get("OMP_WAIT_POLICY", "").upper() == "ACTIVE"
WORTH_WAKING = 20_000 if SPINS else 1_000_000


class cores_for:
    """A block of so many multiplications: on one core if they are few, else on all.

    The setting is torch's own, kept for each thread; only a thread that uses torch for the first
    time in that moment begins with one core, and computes the same a little slower.
    """

    def __init__(self, multiplications: int) -> None:
        self._threads = torch.get_num_threads()
        self._few = multiplications < WORTH_WAKING

    def __enter__(self) -> None:
        if self._few:
            torch.set_num_threads(1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._few:
            torch.set_num_threads(self._threads)
