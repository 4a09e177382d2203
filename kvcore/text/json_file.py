"""A JSON file of a model folder to the object that it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; ValueError naming the file when there is none."""
    if not path.is_file():
        raise ValueError(f"{path} is missing: a model folder needs it")
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise ValueError(f"{path} must hold a JSON object")
    return raw
