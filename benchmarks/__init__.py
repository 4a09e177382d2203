"""Measurements on this machine: `speed` beside transformers, `keystroke` in a browser."""
