"""The site hands out the plugin that speaks its version of the contract."""

from __future__ import annotations

import importlib
import io
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.web import plugin


@pytest.fixture
def handed_out() -> zipfile.ZipFile:
    answer = TestClient(Starlette(routes=[Route("/kvembed.zip", plugin.answer)])).get(
        "/kvembed.zip"
    )
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_pip_finds_a_project_and_all_that_it_packs(handed_out: zipfile.ZipFile) -> None:
    names = handed_out.namelist()
    project = tomllib.loads(handed_out.read("kvembed/pyproject.toml").decode())
    assert project["project"]["name"] == "kvembed"
    for name in ("element/kv-cache.js", "contract.py", "sphinx/__init__.py", "posters/home.svg"):
        assert f"kvembed/{name}" in names
    assert not [name for name in names if "__pycache__" in name]


def test_what_is_handed_out_makes_the_same_lines(
    handed_out: zipfile.ZipFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_out.extractall(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == "kvembed"]:
        monkeypatch.delitem(sys.modules, name)
    view = importlib.import_module("kvembed.view")
    assert view.__file__.startswith(str(tmp_path))
    assert view.View("growth", step=2).url("https://h") == "https://h/growth?step=2"
