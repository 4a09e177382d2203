"""`python -m kvcore snapshot`: handed over to the site, which is not part of kvcore.

kvcore imports nothing of the site, and is installed without it. This one command asks for it by
name when it is run.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

SITE = "ui.snapshot.command"


def snapshot_command(args: Sequence[str]) -> None:
    """Record a view of the site in one HTML file. ValueError where the site is not."""
    try:
        command = importlib.import_module(SITE)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"snapshots are made by the site, and {error.name} is not here: run `python -m kvcore "
            "snapshot` in the folder of the site, with its requirements.txt installed"
        ) from error
    command.main(args)
