"""The decoder that comes with kvcore: where it lies, and that it travels with the package."""

import tomllib
from pathlib import Path

import pytest

import kvcore
from kvcore import embedded
from kvcore.embedded import tiny_folder

ROOT = Path(__file__).parents[2]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_every_package_and_the_weights_are_in_the_wheel() -> None:
    folders = {path.parent for path in (ROOT / "kvcore").rglob("__init__.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert set(SETUPTOOLS["packages"]) == packages | {"kvcore.tiny"}
    assert ROOT / SETUPTOOLS["package-dir"]["kvcore.tiny"] == tiny_folder()
    assert SETUPTOOLS["package-data"]["kvcore.tiny"] == ["*"]


def test_an_installed_package_reads_the_weights_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kvcore" / "tiny").mkdir(parents=True)
    (tmp_path / "assets" / "tiny").mkdir(parents=True)  # somebody else's
    monkeypatch.setattr(embedded, "__file__", str(tmp_path / "kvcore" / "embedded.py"))
    assert tiny_folder() == tmp_path / "kvcore" / "tiny"


def test_a_name_that_is_neither_a_model_nor_a_folder_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*nope.* one of tiny, smollm2"):
        kvcore.load(tmp_path / "nope")


def test_a_model_that_is_not_fetched_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="python -m kvcore fetch smollm2"):
        kvcore.load("smollm2")
