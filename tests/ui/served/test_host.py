"""The models of a server: which there are, how they come to be ready, and what goes wrong."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import tokenizers

from kvcore.checkpoint.embedded import tiny_folder
from kvcore.checkpoint.fetch import FetchError, Progress
from ui.served import host
from ui.served.later import LaterError


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["tiny", "smollm2"]),
        ("mine=/a", ["mine", "tiny", "smollm2"]),
        (" mine = /a ; other=/b ;", ["mine", "other", "tiny", "smollm2"]),
        ("smollm2;mine=/a", ["smollm2", "mine", "tiny"]),
    ],
)
def test_the_operators_models_come_first(text: str, names: list[str]) -> None:
    assert list(host.configured(text)) == names


@pytest.mark.parametrize("text", ["mine", "=/a", "mine=", "mine=/a;mine=/b"])
def test_a_list_of_models_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="KVCACHE_MODELS"):
        host.configured(text)


def test_a_model_that_is_ready_is_handed_out(tiny_host: None) -> None:
    assert host.decoder("tiny").name == "tiny"
    assert host.statuses() == {"tiny": "ready", "smollm2": "absent"}


def test_a_model_that_is_not_ready_is_not(tiny_host: None) -> None:
    with pytest.raises(LaterError, match="absent"):
        host.decoder("smollm2")


def test_a_folder_that_is_no_model_fails_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(host, "_models", host.configured(f"broken={tmp_path}"))
    host.start("broken")
    assert host.wait("broken", 30) == host.Status("failed", reason="folder")
    assert f"{tmp_path}/config.json is missing" in caplog.text


def test_a_model_goes_by_the_name_that_the_operator_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders of two models may be called alike, and a visit tells its models apart by name."""
    for place in "ab":
        shutil.copytree(tiny_folder(), tmp_path / place / "model")
    models = f"one={tmp_path}/a/model;two={tmp_path}/b/model"
    monkeypatch.setattr(host, "_models", host.configured(models))
    for name in ("one", "two"):
        assert host.ready(name).name == name


def test_a_model_that_knows_other_letters_only_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder(), folder)
    model = tokenizers.models.BPE(vocab={"月": 0, "光": 1}, merges=[])
    tokenizers.Tokenizer(model).save(str(folder / "tokenizer.json"))
    monkeypatch.setattr(host, "_models", host.configured(f"moonlight={folder}"))
    host.start("moonlight")
    assert host.wait("moonlight", 60).state == "ready"


def test_nothing_that_is_not_here_is_fetched_at_start_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    monkeypatch.setattr(host, "_models", host.configured(""))
    host.start_what_is_here()
    assert host.status("smollm2").state == "absent"
    assert host.wait("tiny", 60).state == "ready"


def test_two_visitors_who_ask_at_once_fetch_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, going = [], threading.Event()

    def slow(name: str, progress: Callable[[Progress], None]) -> None:
        fetched.append(name)
        progress(Progress("download", 1, 4))
        going.wait(10)

    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    monkeypatch.setattr(host, "_models", host.configured(""))
    monkeypatch.setattr(host, "fetch", slow)
    loaded = host.Decoder(name="", path=tmp_path, config=None, tokenizer=None, engine=None)
    monkeypatch.setattr(host.kvcore, "load", lambda _: loaded)
    monkeypatch.setattr(host, "_warm_up", lambda _: None)
    for _ in range(3):
        host.start("smollm2")
    assert host.status("smollm2").state == "fetching"
    going.set()
    assert host.wait("smollm2", 10).state == "ready"
    assert fetched == ["smollm2"]


def test_a_fetch_that_failed_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(name: str, progress: Callable[[Progress], None]) -> None:
        raise FetchError("download", "no network")

    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    monkeypatch.setattr(host, "_models", host.configured(""))
    monkeypatch.setattr(host, "fetch", unreachable)
    for _ in range(2):
        host.start("smollm2")
        assert host.wait("smollm2", 10) == host.Status("failed", reason="download")
