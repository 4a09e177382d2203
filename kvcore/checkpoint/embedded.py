"""The model that kvcore brings along: a tiny decoder of our own, which needs no download."""

from __future__ import annotations

from pathlib import Path

TINY = "tiny"


def tiny_folder() -> Path:
    """Where its weights lie: inside the installed package, or in `assets` of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / TINY
    return installed if installed.is_dir() else package.parent / "assets" / TINY
