"""Who may know whom: imports point inward, and each layer has its own business."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for folder in ("kvcore", "kvembed", "ui", "pages")
    for path in (ROOT / folder).rglob("*.py")
)
KVFRONT = ROOT / "kvfront"
SCRIPTS = sorted(
    path
    for pattern in ("kvfront/**/*.js", "kvembed/element/*.js", "ui/*/frontend/*.js")
    for path in ROOT.glob(pattern)
)
# The rooms of each; one named later stands on those named before, and never the other way.
ROOMS = {
    "kvcore": (
        "records",
        "ops",
        "text",
        "cache",
        "model",
        "engine",
        "checkpoint",
        "decoder",
        "study",
        "figures",
        "bench",
        "commands",
    ),
    "ui": (
        "language",
        "front",
        "colour_files",
        "bundle",
        "record",
        "served",
        "figures",
        "views",
        "snapshot",
        "still",
        "visit",
        "web",
        "main",
    ),
}
INNER = ("kvcore.cache", "kvcore.engine", "kvcore.model", "kvcore.checkpoint")
NEVER = {
    "kvcore": ("streamlit", "ui", "pages", "kvembed", "plotly", "starlette", "babel"),
    "kvcore.records": ("torch",),
    "kvcore.records.cache_specs": ("numpy",),
    "kvcore.records.config": ("numpy",),
    "kvcore.records.accounting": ("numpy",),
    "kvcore.study.whatif.specs": ("torch", "numpy"),
    "kvcore.study.whatif.result": ("torch",),
    "kvcore.figures": (
        "streamlit",
        "torch",
        "kvcore.study.race",
        "kvcore.study.look",
        "ui",
        *INNER,
    ),
    "kvcore.study.quality": ("torch", "kvcore.study.damage"),
    "kvcore.figures.damage": ("kvcore.study.damage",),
    "kvcore.figures.whatif": ("kvcore.study.whatif.run", "kvcore.study.whatif.layers"),
    "ui": ("pages", "transformers"),
    "ui.views": ("streamlit", "torch", "ui.visit"),
    "ui.snapshot": ("streamlit", "torch", "ui.visit"),
    "ui.still": ("streamlit", "torch", "starlette", "ui.visit"),
    "pages": ("torch", "pages", "starlette", *INNER),
}
ALLOWED = {"kvcore.figures": ("plotly",)}


HOST_TOOLS = {"kvembed.sphinx": ("docutils", "sphinx"), "kvembed.markdown": ("markdown",)}


def imported(path: Path, *, for_types: bool = True) -> set[str]:
    """Every module that a file imports, and every name it takes from one.

    Without `for_types`, those alone that are imported when it runs.
    """
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = [
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    ]
    for node in ast.walk(tree):
        if node in typed and not for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_inward(path: Path) -> None:
    module = module_of(path)
    rules = {name for name in NEVER if f"{module}.".startswith(f"{name}.")}
    allowed = {name for rule in rules for name in ALLOWED.get(rule, ())}
    never = {name for rule in rules for name in NEVER[rule]} - allowed
    wrong = [
        name for name in imported(path) if any(f"{name}.".startswith(f"{bad}.") for bad in never)
    ]
    assert not wrong


OURS = [path for path in FILES if f"{module_of(path)}.".startswith("kvcore.")]


def rooms_of(names: Iterable[str], package: str) -> set[str]:
    """The rooms of `package` that these modules, or names taken from them, lie in."""
    inside = (name.split(".") for name in names if name.startswith(f"{package}."))
    return {parts[1] for parts in inside} & set(ROOMS[package])


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_room_stands_on_those_before_it(path: Path) -> None:
    for package, rooms in ROOMS.items():
        for own in rooms_of([module_of(path)], package):
            assert rooms_of(imported(path), package) <= set(rooms[: rooms.index(own) + 1])


def test_every_folder_is_a_room() -> None:
    for package, rooms in ROOMS.items():
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert folders <= set(rooms)


def test_the_web_knows_no_visit() -> None:
    """What is answered without a page needs neither Streamlit's state nor anything drawn by it."""
    web = [path for path in FILES if module_of(path).startswith("ui.web")]
    assert not any(rooms_of(imported(path), "ui") & {"visit", "main"} for path in web)


@pytest.mark.parametrize("package", ["kvcore", "kvembed", "ui"])
def test_no_module_needs_itself(package: str) -> None:
    modules = {module_of(path): path for path in FILES}
    modules = {name: path for name, path in modules.items() if f"{name}.".startswith(f"{package}.")}
    needs = {
        name: imported(path, for_types=False) & (set(modules) - {name})  # a package names its own
        for name, path in modules.items()
    }
    needs[package] = set()  # it gathers what is public
    while ready := [name for name in needs if not needs[name] & set(needs)]:
        for name in ready:
            del needs[name]
    assert not needs


def test_one_command_of_kvcore_asks_for_the_site_and_that_by_name_when_it_is_run() -> None:
    named = [path.name for path in OURS if '"ui.' in path.read_text(encoding="utf-8")]
    assert named == ["snapshot.py"]


@pytest.mark.parametrize(
    "path", [path for path in FILES if module_of(path).startswith("kvembed")], ids=module_of
)
def test_the_plugin_needs_the_standard_library_and_its_host_tool_alone(path: Path) -> None:
    """It is installed beside other people's documentation tools, where nothing of ours is."""
    module = module_of(path)
    tools = [tool for name, tool in HOST_TOOLS.items() if f"{module}.".startswith(f"{name}.")]
    allowed = {"kvembed", *sys.stdlib_module_names, *itertools.chain(*tools)}
    assert {name.split(".")[0] for name in imported(path)} <= allowed


def test_every_name_that_a_package_promises_is_there() -> None:
    import kvcore
    import kvembed

    for package in (kvcore, kvembed):
        assert [name for name in package.__all__ if not hasattr(package, name)] == []


def test_what_runs_in_a_browser_is_files_that_import_nothing_but_each_other() -> None:
    """A figure takes from its own folder, from shared/ and from record/, which takes from none."""
    named = re.compile(r"""(?:^(?:import|\}) .*from |^@import url\(|\bimport\()"([^"]+)\"""", re.M)
    files = sorted(each for each in KVFRONT.rglob("*") if each.is_file())
    for path in (each for each in files if each.name not in ("tsconfig.json", "FORMAT.md")):
        assert path.suffix in {".js", ".css"}, path
        own = path.relative_to(KVFRONT).parts
        may = {KVFRONT.joinpath(*own[:-1][:2]), KVFRONT / "record"}
        if own[0] != "record":
            may.add(KVFRONT / "shared")
        for name in named.findall(path.read_text(encoding="utf-8")):
            file = (path.parent / name).resolve()
            assert name.startswith(".") and file.is_file(), f"{path}: {name}"
            assert may & set(file.parents), f"{path}: {name}"


def test_who_shows_figures_carries_the_files_that_draw_them() -> None:
    named = [path for path in FILES if "kvfront" in path.read_text(encoding="utf-8")]
    assert {module_of(path).split(".")[0] for path in named} <= {"kvcore", "kvembed", "ui"}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_file_has_one_reason_to_change(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 230


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_has_one_reason_to_change(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 220


def test_what_the_engine_imports_at_once_comes_with_its_package() -> None:
    """`pip install .` brings the dependencies of pyproject.toml and no others."""
    script = "import sys, kvcore; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    ours = {
        name.split(".")[0] for path in FILES if "kvcore" in path.parts for name in imported(path)
    }
    needed = (ours & set(loaded.stdout.split())) - {"kvcore", *sys.stdlib_module_names}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert needed <= {re.split(r"[<>=]", each)[0] for each in project["dependencies"]}


def test_no_test_imports_from_a_conftest() -> None:
    """What is in one is for its folder alone; helpers have files of their own."""
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [path for path in tests if "conftest" in ".".join(imported(path)).split(".")] == []
