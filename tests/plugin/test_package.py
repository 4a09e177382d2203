"""The package is whole, and can be installed where nothing of ours is."""

import configparser
import email
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "kvembed"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that `pip install ./kvembed` makes, from a copy: building leaves files behind."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        FOLDER, folder / "kvembed", ignore=shutil.ignore_patterns("build", "*.egg-info")
    )
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(folder / "kvembed")]
    subprocess.run(command, check=True, timeout=120)
    (file,) = folder.glob("kvembed-*.whl")
    return zipfile.ZipFile(file)


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


def test_it_works_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Isolated from the environment that runs the tests, which has everything."""
    wheel.extractall(tmp_path)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
    code += "from kvembed.__main__ import main; main(['snippet', 'growth', '--format=iframe'])"
    command = [sys.executable, "-I", "-S", "-c", code]
    assert subprocess.check_output(command, text=True, timeout=60).startswith("<iframe ")


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
