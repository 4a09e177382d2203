"""The name by which the command was called, for its usage: what a reader can type again."""

from __future__ import annotations

import sys
from pathlib import Path


def called() -> str:
    """`python -m kvcore` where Python ran the module, `kvcore` where the installed script did."""
    return "python -m kvcore" if Path(sys.argv[0]).name == "__main__.py" else "kvcore"
