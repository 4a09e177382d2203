"""The colours and fonts of the site's theme, as the variables that its figures read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ui.language.i18n import ROOT

_COLOURS: Final = {
    "background-color": "backgroundColor",
    "secondary-background-color": "secondaryBackgroundColor",
    "text-color": "textColor",
    "primary-color": "primaryColor",
    "border-color": "borderColor",
    "link-color": "linkColor",
    "ink-q": "orangeTextColor",
    "ink-k": "blueTextColor",
    "ink-v": "greenTextColor",
}


@cache
def variables() -> str:
    """A sheet that sets --st-… in light and dark: as the system is, or as `data-theme` says."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    fonts = f"--st-font: {theme['font']}; --st-heading-font: {theme['headingFont']};"
    light, dark = (_rule(theme[name]) for name in ("light", "dark"))
    return (
        f":root {{ {fonts} color-scheme: light; {light} }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f'  :root:not([data-theme="light"]) {{ color-scheme: dark; {dark} }}\n}}\n'
        f':root[data-theme="dark"] {{ color-scheme: dark; {dark} }}\n'
    )


def _rule(theme: Mapping[str, Any]) -> str:
    return " ".join(f"--st-{name}: {theme[key]};" for name, key in _COLOURS.items())
