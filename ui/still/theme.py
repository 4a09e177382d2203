"""The site's own theme, as pictures without a page need it."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Final

from ui.language.i18n import ROOT

_CONFIG: Final = ROOT / ".streamlit" / "config.toml"


@cache
def themes() -> list[dict[str, str]]:
    """Paper, ink and fonts: `bg`, `fg` and `font`, in light and in dark."""
    theme = tomllib.loads(_CONFIG.read_text("utf-8"))["theme"]
    return [
        {
            "bg": theme[name]["backgroundColor"],
            "fg": theme[name]["textColor"],
            "font": theme["font"],
        }
        for name in ("light", "dark")
    ]
