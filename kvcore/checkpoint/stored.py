"""The tensors of a folder's safetensors files, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from kvcore.text.json_file import json_object

READABLE = {"F64", "F32", "F16", "BF16"}
BODY, HEAD = "model.", "lm_head."


class _Place(NamedTuple):
    """Where a tensor lies."""

    file: Any  # open
    path: Path
    name: str  # in the file


class StoredTensors(Mapping[str, Tensor]):
    """The tensors of some files in `dtype`, by the names that a whole model's checkpoint has.

    One that was saved without its output matrix leaves `model.` out of its names.
    """

    def __init__(self, files: list[Path], dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._places: dict[str, _Place] = {}
        for path in files:
            try:
                file = safe_open(path, framework="pt")
            except (SafetensorError, OSError) as error:
                raise ValueError(f"{path} is damaged or cut short: {error}") from error
            for stored in file.keys():  # type: ignore[no-untyped-call]  # noqa: SIM118
                name = stored if stored.startswith((BODY, HEAD)) else BODY + stored
                if name in self._places:
                    other = self._places[name].path
                    raise ValueError(f"{name} is in {other} and in {path}: keep one")
                self._places[name] = _Place(file, path, stored)

    def rename(self, old: str, new: str) -> None:
        """Have `new` name the tensor that `old` did."""
        self._places[new] = self._places.pop(old)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._slice(name).get_shape())

    def place(self, name: str) -> str:
        """The file of a tensor and its name there, for a message."""
        return f"{self._places[name].path}: {self._places[name].name}"

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        """ValueError unless the tensor has this shape and numbers that can be read."""
        if self.shape(name) != shape:
            raise ValueError(
                f"{self.place(name)} has shape {self.shape(name)}, config.json asks for {shape}"
            )
        if self._slice(name).get_dtype() not in READABLE:
            raise ValueError(
                f"{self.place(name)} is stored as {self._slice(name).get_dtype()}, only "
                f"{', '.join(sorted(READABLE))} can be read"
            )

    def as_stored(self, name: str) -> Tensor:
        """A tensor in the type that it has in its file."""
        # A file opened for one tensor: what was read from it leaves memory with the mapping, once
        # the tensor has been copied to where it stays.
        with safe_open(self._places[name].path, framework="pt") as file:
            tensor: Tensor = file.get_tensor(self._places[name].name)
            return tensor

    def __getitem__(self, name: str) -> Tensor:
        return self.as_stored(name).to(self._dtype)

    def __contains__(self, name: object) -> bool:
        return name in self._places  # Mapping's own would read the tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _slice(self, name: str) -> Any:
        return self._places[name].file.get_slice(self._places[name].name)


def safetensors_files(folder: Path) -> list[Path]:
    """The files with a folder's weights: a whole one, else what an index lists, else all.

    An index may be left over from before its files were made one: transformers prefers that too.
    """
    whole, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if whole.is_file():
        return [whole]
    if index.is_file():
        weight_map = json_object(index).get("weight_map")
        if not isinstance(weight_map, dict) or not weight_map:
            raise ValueError(f"{index} has no weight_map")
        files = sorted({folder / str(name) for name in weight_map.values()})
    else:
        files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ValueError(f"{folder} has no *.safetensors file: a model folder needs its weights")
    for path in files:
        if not path.is_file():
            raise ValueError(f"{path} is missing, but {index.name} lists it")
    return files
