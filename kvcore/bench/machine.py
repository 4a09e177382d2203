"""The machine that numbers were measured on, and the memory that a loaded model takes there."""

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import torch

from kvcore.ops.machine import n_cores, processor

PACKAGES = ("torch", "numpy", "transformers", "llama-cpp-python")
LOADING = """
import sys
from pathlib import Path
import kvcore
before = Path("/proc/self/status").read_text()
decoder = kvcore.load(sys.argv[1], fast=sys.argv[2] == "fast")
print(before, Path("/proc/self/status").read_text())
"""


def describe() -> str:
    """Processor, cores, threads and versions, in two lines."""
    return (
        f"{processor()}, {n_cores()} cores, {torch.get_num_threads()} threads, "
        f"OMP_WAIT_POLICY={os.environ['OMP_WAIT_POLICY']}, {platform.system()}\n"
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    )


def resident_mb(model: str, *, fast: bool) -> tuple[int, int] | None:
    """MB resident (RSS) of a new process that imported kvcore, and that then loaded `model`.

    None where the system does not say (it is read from /proc, so anywhere but on Linux).
    """
    if not Path("/proc/self/status").exists():
        return None
    command = [sys.executable, "-c", LOADING, model, "fast" if fast else "exact"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    imported, loaded = (int(kb) * 1024 // 10**6 for kb in re.findall(r"VmRSS:\s+(\d+) kB", said))
    return imported, loaded


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
