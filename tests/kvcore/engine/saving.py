"""The kinds of cache that can be saved, and files of them that were changed behind their backs."""

from pathlib import Path
from typing import NamedTuple

import pytest
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from kvcore.engine.cache_schema import DIGESTS, digests
from kvcore.records.cache_specs import CacheSpec, Contiguous, Paged, Rolling, Static
from kvcore.records.config import Visibility

WINDOW = Visibility(window=4, n_sink=2)
KINDS: dict[str, tuple[CacheSpec, Visibility]] = {
    "contiguous": (Contiguous(), Visibility()),
    "contiguous, window": (Contiguous(), WINDOW),
    "static": (Static(capacity=40), Visibility()),
    "paged": (Paged(block_size=4), Visibility()),
    "rolling": (Rolling(), WINDOW),
    "rolling, not full": (Rolling(), Visibility(window=30)),
}
BY_KIND = pytest.mark.parametrize(("cache", "rule"), KINDS.values(), ids=KINDS)


class Contents(NamedTuple):
    """A file's contents: `write` puts them into another, as they are or with digests that fit."""

    tensors: dict[str, Tensor]
    texts: dict[str, str]

    @classmethod
    def of(cls, path: Path) -> "Contents":
        with safe_open(path, framework="pt") as file:
            return cls({name: file.get_tensor(name) for name in file.keys()}, file.metadata())  # noqa: SIM118

    def write(self, path: Path, *, signed: bool = False) -> None:
        texts = dict(self.texts)
        if signed:
            texts[DIGESTS] = digests(self.tensors, {"config": "", "run": "", "step": ""} | texts)
        save_file(self.tensors, path, texts)
