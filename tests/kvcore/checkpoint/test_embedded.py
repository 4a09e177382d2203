"""The decoder that comes with kvcore: where it lies, and that it travels with the package."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

import kvcore
from kvcore import Decoder, RunConfig, SamplingParams
from kvcore.__main__ import main
from kvcore.checkpoint import embedded
from kvcore.checkpoint.embedded import tiny_folder
from tests.wheels import build

ROOT = Path(__file__).parents[3]
OPENINGS = ["Call me Ishmael.", "The captain", "床前明月光，疑是地上霜。", "明月 and the sea"]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_every_package_and_the_weights_are_in_the_wheel() -> None:
    folders = {path.parent for path in (ROOT / "kvcore").rglob("__init__.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert set(SETUPTOOLS["packages"]) == packages | {"kvcore.tiny"}
    assert ROOT / SETUPTOOLS["package-dir"]["kvcore.tiny"] == tiny_folder()
    assert SETUPTOOLS["package-data"]["kvcore.tiny"] == ["*"]


def test_its_command_writes_on_once_it_is_installed(tmp_path: Path) -> None:
    """With nothing of the checkout in reach; what it depends on is that of the tests."""
    (tmp_path / "wheel").mkdir()
    wheel = build(["pyproject.toml", "README.md", "kvcore", "assets/tiny"], tmp_path / "wheel")
    there = tmp_path / "there"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, f"--target={there}", str(wheel)], check=True, timeout=120)
    said = subprocess.check_output(
        [there / "bin" / "kvcore", "The whale", "--tokens", "3"],
        env=os.environ | {"PYTHONPATH": str(there)},
        cwd=tmp_path,
        text=True,
        timeout=120,
    )
    assert said.startswith("The whale")
    assert "the same tokens both ways" in said


def test_an_installed_package_reads_the_weights_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kvcore" / "tiny").mkdir(parents=True)
    (tmp_path / "assets" / "tiny").mkdir(parents=True)  # somebody else's
    monkeypatch.setattr(
        embedded, "__file__", str(tmp_path / "kvcore" / "checkpoint" / "embedded.py")
    )
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


@pytest.fixture(scope="module")
def tiny() -> Decoder:
    return kvcore.load()


def test_it_is_what_load_gives_without_a_name_and_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    assert kvcore.load().name == kvcore.load("tiny").name == "tiny"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", OPENINGS)
def test_its_logits_are_those_of_transformers_and_its_cache_changes_none(
    tiny: Decoder, text: str
) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.LlamaForCausalLM.from_pretrained(
        tiny.path, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    run = RunConfig(sampling=SamplingParams(max_new_tokens=32, stop_ids=tiny.tokenizer.stop_ids))
    trace = tiny.engine.generate(tiny.tokenizer.encode(text), run)
    with torch.inference_mode():
        reference = theirs(torch.tensor([trace.steps[-1].ids])).logits[0].numpy()
    cached = np.stack([step.logits for step in trace.steps])
    first = len(trace.prompt_ids) - 1
    np.testing.assert_allclose(cached, reference[first:], atol=kvcore.TOLERANCE, rtol=0)
    assert trace.new_ids == tuple(reference[first:].argmax(-1))


def test_a_chinese_character_that_it_has_read_is_one_token(tiny: Decoder) -> None:
    poem = "床前明月光，疑是地上霜。"
    labels = tiny.tokenizer.labels(tiny.tokenizer.encode(poem))
    assert [label.text for label in labels] == list(poem)


def test_text_that_it_has_never_read_survives_in_bytes(tiny: Decoder) -> None:
    text = "naïve 猫 🐋 שלום\n\t"
    assert tiny.tokenizer.decode(tiny.tokenizer.encode(text)) == text
    assert tiny.tokenizer.lost(text) == ""


def test_the_command_line_writes_on_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["The whale", "--tokens", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The whale")
    assert "the same tokens both ways" in said


def test_a_text_beyond_its_positions_is_refused_with_both_numbers(
    tiny: Decoder, capsys: pytest.CaptureFixture[str]
) -> None:
    most = tiny.config.max_seq_len
    assert main(["月" * (most + 1)]) == 1
    assert f"{most + 1} tokens do not fit max_seq_len={most}" in capsys.readouterr().err
