"""The colours of kvfront/shared/colors.js, and what cannot read them: `python -m ui.colour_files`.

`make colours` runs it. Each file keeps everything but its colours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ui.front import KVFRONT
from ui.language.i18n import ROOT

OWNER: Final = KVFRONT / "shared" / "colors.js"
COLOURS: Final[dict[str, Any]] = json.loads(
    OWNER.read_text(encoding="utf-8").partition("export const COLORS = ")[2].rstrip(";\n")
)
_FILL: Final[Mapping[str, str]] = COLOURS["fill"]
_HEX: Final = r"#[0-9A-Fa-f]{6}"

# A setting of Streamlit's, and which colour it is.
_SETTINGS: Final = {
    "primaryColor": ("page", "control"),
    "backgroundColor": ("page", "paper"),
    "secondaryBackgroundColor": ("page", "panel"),
    "textColor": ("page", "ink"),
    "borderColor": ("page", "border"),
    "linkColor": ("page", "link"),
    "codeTextColor": ("page", "ink"),
    "codeBackgroundColor": ("page", "panel"),
    "blueColor": ("fill", "k"),
    "greenColor": ("fill", "v"),
    "orangeColor": ("fill", "q"),
    "redColor": ("fill", "redo"),
    "violetColor": ("fill", "attention"),
    "yellowColor": ("page", "note"),
    "grayColor": ("page", "gray"),
    "blueTextColor": ("text", "k"),
    "greenTextColor": ("text", "v"),
    "orangeTextColor": ("text", "q"),
    "redTextColor": ("text", "redo"),
    "violetTextColor": ("text", "attention"),
    "yellowTextColor": ("text", "note"),
    "grayTextColor": ("text", "gray"),
    "yellowBackgroundColor": ("page", "panel"),
    "redBackgroundColor": ("page", "alarm"),
}
_CHART: Final = ("k", "redo", "v", "q", "attention")


def _config(text: str) -> str:
    """Everything from the light theme on is colours."""
    head = text[: text.index("[theme.light]")]
    return head + "\n".join(_section(theme) for theme in ("light", "dark"))


def _section(theme: str) -> str:
    own = {"fill": _FILL, **COLOURS[theme]}
    lines = [f'{key} = "{own[group][name]}"' for key, (group, name) in _SETTINGS.items()]
    strong = own["fill" if theme == "light" else "text"]
    chart = [*(strong[name] for name in _CHART), own["page"]["gray"]]
    lines.append(f"chartCategoricalColors = {json.dumps(chart)}")
    return f"[theme.{theme}]\n" + "".join(f"{line}\n" for line in lines)


def _each(pattern: str, colour: Callable[[str], str]) -> Callable[[str], str]:
    """Put in step each colour that stands behind a `pattern`, whose first group is its name."""

    def written(text: str) -> str:
        named = re.compile(f"({pattern}){_HEX}", re.MULTILINE)
        return named.sub(lambda found: found[1] + colour(found[2]), text)

    return written


def _light_dark(text: str) -> str:
    """A name of `page` in light and in dark."""

    def both(found: re.Match[str]) -> str:
        light, dark = (COLOURS[theme]["page"][found[2]].lower() for theme in ("light", "dark"))
        return f"{found[1]}light-dark({light}, {dark})"

    return re.sub(rf"(--(\w+): )light-dark\({_HEX}, {_HEX}\)", both, text)


WRITTEN: Final[Mapping[str, Callable[[str], str]]] = {
    ".streamlit/config.toml": _config,
    "assets/logo.svg": _each(r'<\w+ id="(\w+)" fill="', lambda name: _FILL[name]),
    "assets/site.css": _each(
        r"--site-(\w+): ", lambda name: str(COLOURS["light"]["page"][name]).lower()
    ),
    "kvcore/figures/colours.py": _each(r'^([A-Z]+) = "', lambda name: _FILL[name.lower()]),
    "kvembed/element/style.css": _light_dark,
    "kvfront/figures/growth/live.css": _each(
        r"\.kv-swatch-(\w+) \{\n  background: ", lambda name: _FILL[name].lower()
    ),
}


def stale() -> dict[Path, str]:
    """Files that are not in step, each with the text that would be."""
    found = {}
    for name, written in WRITTEN.items():
        file = ROOT / name
        text = file.read_text(encoding="utf-8")
        if written(text) != text:
            found[file] = written(text)
    return found


def main() -> None:
    """Bring it in step, and say what was not."""
    for file, text in stale().items():
        file.write_text(text, encoding="utf-8")
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()
