"""Names of the files that a visitor takes away."""

from __future__ import annotations

import re

from kvembed.view import View


def file_name(view: View, ending: str) -> str:
    """A name that tells what is in it: kv-cache-why-not-q-tiny-layer-1-head-0-step-4.csv."""
    numbers = {"layer": view.layer, "head": view.head, "step": view.step}
    parts = ["kv-cache", view.page, view.model]
    parts += [f"{name}-{value}" for name, value in numbers.items() if value is not None]
    name = "-".join(filter(None, parts))
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.{ending}"
