"""Frozen values that everything else speaks of: configs, cache specs, traces, costs; no torch."""
