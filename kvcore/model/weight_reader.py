"""The tensors that a model is built of: a checkpoint's, laid out for the work ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from kvcore.ops.linear import Embedding, Linear, fastest_slices
from kvcore.ops.memory import Arena, keep_freed_memory
from kvcore.ops.products import FP16_MAX, Fp16Weights, Sliced, has_fbgemm, is_fp16

TIMED = 32  # matrices at most: enough to choose by


class WeightReader:
    """Takes the tensors of `weights` one by one and makes what a model multiplies by.

    Where this machine has a product for them, fp32 matrices of fp16 numbers are kept in fp16, but
    not those of a `small` model, which is done before it waits for memory. With `fast` all are, and
    rounded: ValueError for one that holds a number beyond fp16's, or none.
    """

    def __init__(self, weights: Mapping[str, Tensor], *, small: bool, fast: bool) -> None:
        self._weights = weights
        self._fp16 = has_fbgemm() and (fast or not small)
        self._fast = fast
        self._arena = Arena()
        self._sliced: list[tuple[Linear, bool]] = []  # with whether it is to be precise
        # By the names in the checkpoint; what is stacked, by all of them with spaces between.
        self._taken: dict[str, Tensor | Linear | Embedding] = {}

    def tensor(self, *names: str) -> Tensor:
        """The tensors `names`, one below the other, in the memory of the model."""
        placed = self._arena.place(*(self._weights[name] for name in names))
        self._taken[" ".join(names)] = placed
        return placed

    def linear(self, *names: str, bias: bool = False, precise: bool = False) -> Linear:
        """The matrices `names`, their rows stacked: one product for all of them.

        `precise` where what is multiplied has no bounds: no norm and no mean of rows made it.
        """
        matrices = [self._weights[f"{name}.weight"] for name in names]
        if all(map(self._in_fp16, names, matrices)) and (self._fast or not precise):
            linear = Linear(Fp16Weights(torch.cat(matrices), precise=not self._fast))
        else:
            linear = self._in_slices(self._arena.place(*matrices), precise=precise)
        self._taken[" ".join(f"{name}.weight" for name in names)] = linear
        if bias:
            linear.bias = self.tensor(*(f"{name}.bias" for name in names))
        return linear

    def embedding(self, name: str) -> Embedding:
        """The table `name`.weight."""
        table = self._weights[f"{name}.weight"]
        placed = self._arena.place(table.half() if self._in_fp16(name, table) else table)
        self._taken[f"{name}.weight"] = embedding = Embedding(placed, table.dtype)
        return embedding

    def tied(self, embedding: Embedding) -> Linear:
        """A product with the table of `embedding`."""
        if embedding.table.dtype == embedding.dtype:
            return self._in_slices(embedding.table)
        return Linear(Fp16Weights(embedding.weight, precise=not self._fast))

    def choose(self) -> None:
        """Choose, once all are made, how those in slices are multiplied on this machine.

        Lets go of the `weights` that it took them from.
        """
        self._weights = {}
        keep_freed_memory()
        slices = fastest_slices([linear.weight for linear, _ in self._sliced[:TIMED]])
        for linear, precise in self._sliced:
            linear.product = Sliced(linear.weight, slices, precise=precise)

    def taken(self) -> Iterator[tuple[str, Tensor]]:
        """All that was taken, by name, one after the other: what is in fp16 is widened anew."""
        for name, part in self._taken.items():
            yield name, part if isinstance(part, Tensor) else part.weight

    def _in_slices(self, weight: Tensor, *, precise: bool = False) -> Linear:
        linear = Linear(Sliced(weight))
        self._sliced.append((linear, precise))
        return linear

    def _in_fp16(self, name: str, matrix: Tensor) -> bool:
        if not self._fp16 or matrix.dtype != torch.float32:
            return False
        largest = float(matrix.abs().max())
        fits = largest <= FP16_MAX  # no infinity and no NaN does
        if not self._fast:
            return fits and is_fp16(matrix)
        if not fits:
            raise ValueError(
                f"{name}.weight holds {largest:g}, fp16 no more than {FP16_MAX:g}: load it without "
                "fast"
            )
        return True
