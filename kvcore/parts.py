"""What a model is built of: the tensors of a checkpoint, laid out for the work ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from kvcore.linear import Linear, fastest_slices
from kvcore.memory import Room
from kvcore.products import Halved, Packed, Sliced, exact_in_onednn

WORTH_PACKING = 2**18  # numbers of a matrix; smaller ones stay in a processor's cache
TIMED = 32  # matrices at most: enough to choose by


class Parts:
    """Takes the tensors of `weights` one by one and makes what a model multiplies by.

    With `batched` large matrices are packed for products of several rows; with `fast` all of them
    are multiplied in fp16 where there is one row.
    """

    def __init__(self, weights: Mapping[str, Tensor], *, fast: bool, batched: bool) -> None:
        self._weights = weights
        self._fast, self._batched = fast, batched
        self._room = Room()
        self._linears: list[Linear] = []

    def tensor(self, name: str) -> Tensor:
        """The tensor `name`, in the memory of the model."""
        return self._room.place(self._weights[name])

    def linear(self, *names: str, bias: bool = False) -> Linear:
        """The matrices `names`, their rows stacked: one product for all of them."""
        biases = self._room.place(*self._each(names, "bias")) if bias else None
        # What is packed needs a plain copy for a moment only: in a room of its own, which goes back
        # to the system, where the heap would keep a hole.
        weight = (Room() if self._batched else self._room).place(*self._each(names, "weight"))
        if not self._batched:
            return self.plain(weight, biases)
        if weight.numel() >= WORTH_PACKING and exact_in_onednn(weight):
            return self._made(Linear(Packed(weight), biases))
        return self.plain(self._room.place(weight), biases)

    def plain(self, weight: Tensor, bias: Tensor | None = None) -> Linear:
        """A product with a matrix that stays as it is."""
        return self._made(Linear(Sliced(weight), bias))

    def choose(self) -> None:
        """Choose, once all are made, how plain matrices and single rows are multiplied here."""
        sliced = [linear for linear in self._linears if isinstance(linear.product, Sliced)]
        slices = fastest_slices([linear.weight for linear in sliced[:TIMED]])
        for linear in sliced:
            linear.product = Sliced(linear.weight, slices)
        if self._fast:
            for linear in self._linears:
                linear.single = Halved(self._room.place(linear.weight.half()))

    def _each(self, names: Sequence[str], part: str) -> Iterator[Tensor]:
        return (self._weights[f"{name}.{part}"] for name in names)

    def _made(self, linear: Linear) -> Linear:
        self._linears.append(linear)
        return linear
