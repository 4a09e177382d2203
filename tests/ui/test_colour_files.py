"""A colour is changed in one place: kvfront/shared/colors.js, from which all others have it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ui import colour_files
from ui.colour_files import COLOURS, OWNER, WRITTEN

ROOT = Path(__file__).parents[2]
PARTS = ("kvcore", "kvembed", "kvfront", "ui", "pages", "assets", ".streamlit")
MADE = shutil.ignore_patterns("__pycache__", "posters", "build", "*.egg-info")  # and pictures
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")

LOOK = """
import json
from kvcore.figures.timing import LatencyWords, latency
from kvcore.records.step_timings import Lap, RaceResult
from kvembed.view import View
from ui.figures.registry import FIGURES
from ui.front import FIGURES as FOLDER
from ui import bundle
from ui.snapshot import theme
from ui.still.pictures import of_view, poster, shown
from ui.still.points import pointed
NAMES = ("cached", "recomputed", "position", "milliseconds", "hover")
laps = [Lap(repeat=0, index=i, seen=5 + i, cached_seconds=1, recomputed_seconds=2, next_id=0,
            same_token=True, gap=0.0) for i in range(3)]
chart = latency(RaceResult.of(laps), LatencyWords(**dict.fromkeys(NAMES, "%{x}")))
print(json.dumps({
    "chart": chart.to_json(),
    "pictures": {name: of_view(shown(pointed(View(name))), "en", poster)
                 for name in ("home", "why-not-q", "timing")},
    "pages": {name: bundle.script(FOLDER / name / "live.js") for name in FIGURES},
    "theme": theme.variables(),
}))
"""


def leaves(of: Any, *path: str) -> dict[tuple[str, ...], str]:
    """Every colour by where it stands in the palette."""
    if isinstance(of, dict):
        return {key: hue for name in of for key, hue in leaves(of[name], *path, name).items()}
    return {path: of} if isinstance(of, str) else {}


def run(copy: Path, *command: str) -> str:
    return subprocess.check_output([sys.executable, *command], cwd=copy, text=True, timeout=120)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every colour changed to one that nothing had, and `make colours` run."""
    copy = tmp_path_factory.mktemp("colours")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=MADE)
    owner = copy / OWNER.relative_to(ROOT)
    number = count(0x102030, 0x010203)
    owner.write_text(HEX.sub(lambda _: f"#{next(number):06X}", owner.read_text("utf-8")), "utf-8")
    assert set(run(copy, "-m", "ui.colour_files").split()) == set(WRITTEN)
    return copy


@pytest.fixture(scope="module")
def new(copy: Path) -> dict[tuple[str, ...], str]:
    script = "import json, ui.colour_files as own; print(json.dumps(own.COLOURS))"
    found = run(copy, "-c", script)
    return leaves(json.loads(found))


def test_what_cannot_read_the_palette_is_in_step_with_it() -> None:
    assert not colour_files.stale(), "run `make colours`"


def test_no_colour_of_the_palette_stands_in_a_file_that_the_palette_does_not_reach(
    copy: Path,
) -> None:
    old = {hue.lower() for hue in leaves(COLOURS).values()}
    left = {
        (file.relative_to(copy).as_posix(), hue)
        for file in copy.rglob("*")
        if file.suffix in (".py", ".js", ".css", ".svg", ".toml", ".html", ".mjs", ".lua")
        for hue in HEX.findall(file.read_text(encoding="utf-8"))
        if hue.lower() in old
    }
    assert not left


def test_a_new_colour_is_in_pages_pictures_charts_settings_and_the_logo(
    copy: Path, new: dict[tuple[str, ...], str]
) -> None:
    theme = tomllib.loads((copy / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    k = new["fill", "k"]
    assert k in (copy / "assets" / "logo.svg").read_text("utf-8")
    for mode in ("light", "dark"):
        assert theme[mode]["blueColor"] == k
        assert theme[mode]["blueTextColor"] == new[mode, "text", "k"]
        assert theme[mode]["backgroundColor"] == new[mode, "page", "paper"]
    made = json.loads(run(copy, "-c", LOOK))
    assert k in made["chart"] and new["fill", "redo"] in made["chart"]
    assert new["light", "text", "k"] in made["theme"]
    for picture in made["pictures"].values():
        light, dark = (new[mode, "page", "paper"].lower() for mode in ("light", "dark"))
        assert f"fill:{light}}}" in picture and f"fill:{dark}}}" in picture
    assert k.lower() in made["pictures"]["timing"]
    for page in made["pages"].values():
        assert k in page and COLOURS["fill"]["k"] not in page


def test_the_settings_have_a_name_for_each_colour_of_a_page() -> None:
    """One that nothing shows would be changed in vain."""
    named = {pair for pair in colour_files._SETTINGS.values() if pair[0] == "page"}
    assert named == {("page", name) for name in COLOURS["light"]["page"]}
    for part in ("page", "text", "full", "shares"):
        assert COLOURS["light"][part].keys() == COLOURS["dark"][part].keys()
