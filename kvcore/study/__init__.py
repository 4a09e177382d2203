"""Experiments on a run: looking into it, comparing, breaking and timing it."""
