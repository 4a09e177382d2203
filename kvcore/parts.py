"""What a model is built of: the tensors of a checkpoint, laid out for the work ahead."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from kvcore.linear import Linear, fastest_slices
from kvcore.memory import Room, keep_freed_memory
from kvcore.products import Halved, Sliced

TIMED = 32  # matrices at most: enough to choose by


class Parts:
    """Takes the tensors of `weights` one by one and makes what a model multiplies by.

    With `fast` matrices are multiplied in fp16 where there is one row.
    """

    def __init__(self, weights: Mapping[str, Tensor], *, fast: bool) -> None:
        self._weights = weights
        self._fast = fast
        self._room = Room()
        self._linears: list[Linear] = []
        # By the names in the checkpoint; what is stacked, by all of them with spaces between.
        self.taken: dict[str, Tensor] = {}

    def tensor(self, *names: str) -> Tensor:
        """The tensors `names`, one below the other, in the memory of the model."""
        placed = self._room.place(*(self._weights[name] for name in names))
        self.taken[" ".join(names)] = placed
        return placed

    def linear(self, *names: str, bias: bool = False) -> Linear:
        """The matrices `names`, their rows stacked: one product for all of them."""
        weight = self.tensor(*(f"{name}.weight" for name in names))
        return self.plain(weight, self.tensor(*(f"{x}.bias" for x in names)) if bias else None)

    def plain(self, weight: Tensor, bias: Tensor | None = None) -> Linear:
        """A product with a matrix that has its place already."""
        self._linears.append(Linear(Sliced(weight), bias))
        return self._linears[-1]

    def choose(self) -> None:
        """Choose, once all are made, how they are multiplied on this machine."""
        keep_freed_memory()
        slices = fastest_slices([linear.weight for linear in self._linears[:TIMED]])
        for linear in self._linears:
            linear.product = exact = Sliced(linear.weight, slices)
            if self._fast:
                linear.product = Halved(exact, self._room.place(linear.weight.half()))
