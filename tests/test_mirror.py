"""Tests lie where the code lies: who knows the one finds the other."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
OF_ALL = {"browser"}  # what a browser shows of the whole site
WITHOUT = {
    "benchmarks",  # measures, and promises nothing
    "docs",  # read and built by tests of what they speak of: test_readme.py, kvembed/test_docs.py
}


def holding(folder: Path, *patterns: str) -> set[str]:
    """The folders in `folder` that have such files in them, however deep."""
    made = {"build", "tests"}
    inside = {path for path in folder.glob("[!._]*/") if path.is_dir() and path.name not in made}
    return {path.name for path in inside if any(any(path.rglob(each)) for each in patterns)}


def test_every_folder_of_code_has_its_folder_of_tests() -> None:
    assert holding(TESTS, "test_*.py") - OF_ALL == holding(ROOT, "*.py", "*.js") - WITHOUT


@pytest.mark.parametrize("package", ["kvcore", "ui"])
def test_every_room_has_its_folder_of_tests_and_every_folder_its_room(package: str) -> None:
    assert holding(TESTS / package, "test_*.py") == holding(ROOT / package, "*.py")
    assert holding(TESTS / package, "*.py") == holding(TESTS / package, "test_*.py")
