"""How fast the engine is, beside others, on this machine: what `python -m kvcore bench` prints."""

from kvcore.bench.table import report

__all__ = ["report"]
