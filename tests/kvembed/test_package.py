"""The package is whole, and can be installed where nothing of ours is."""

import configparser
import email
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.wheels import build

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "kvembed"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that `pip install ./kvembed` makes."""
    return zipfile.ZipFile(build(["kvembed"], tmp_path_factory.mktemp("wheel"), "kvembed"))


def test_it_has_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    kept = {
        path.relative_to(ROOT).as_posix()
        for path in FOLDER.rglob("*")
        if path.is_file() and not {"__pycache__", "build", "kvembed.egg-info"} & {*path.parts}
    }
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == kept - {"kvembed/pyproject.toml", "kvembed/README.md"}


def test_it_needs_nothing_but_the_tool_that_an_extra_is_named_after(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    required = email.message_from_bytes(wheel.read(name)).get_all("Requires-Dist")
    assert required == [
        'sphinx>=7.2; extra == "sphinx"',
        'markdown>=3.5; extra == "markdown"',
    ]


def test_its_entry_points_are_there(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    points = configparser.ConfigParser()
    points.read_string(wheel.read(name).decode())
    assert dict(points["markdown.extensions"]) == {"kvembed": "kvembed.markdown:KvCacheExtension"}
    assert dict(points["console_scripts"]) == {"kvembed": "kvembed.__main__:main"}


def test_its_command_works_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """In an environment of its own: the one that runs the tests has everything."""
    venv.create(tmp_path, symlinks=True)
    binaries = tmp_path / "bin"
    pip = [sys.executable, "-m", "pip", f"--python={binaries / 'python'}", "install", "--no-index"]
    subprocess.run([*pip, "--quiet", str(wheel.filename)], check=True, timeout=120)
    for command in [binaries / "kvembed"], [binaries / "python", "-m", "kvembed"]:
        said = subprocess.run(
            [*command, "snippet", "growth", "--format=iframe"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=60,
            check=True,
        )
        assert said.stdout.startswith("<iframe ")
        asked = subprocess.check_output([*command, "--help"], text=True, cwd=tmp_path, timeout=60)
        name = " ".join(["python" if len(command) > 1 else "kvembed", *command[1:]])
        assert asked.startswith(f"usage: {name} [")


def test_it_puts_its_plugins_into_a_project(tmp_path: Path) -> None:
    entries = {
        "myst": "kv-cache/plugin.mjs",
        "quarto": "_extensions/kv-cache/_extension.yml",
    }
    for host, entry in entries.items():
        command = [sys.executable, "-m", "kvembed", "install", host, str(tmp_path)]
        command.append("--server=https://kv.example.org")
        said = subprocess.check_output(command, text=True, cwd=ROOT, timeout=60)
        assert (tmp_path / entry).is_file()
        files = [Path(line) for line in said.splitlines()]
        assert {file.name for file in files} > {"growth.svg", "growth.zh.svg"}
        assert any("https://kv.example.org" in file.read_text() for file in files)
