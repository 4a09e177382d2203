"""`bench` and `numerics` say what they measured, and the peers compute with the same weights."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGUFReader
from safetensors.torch import load_file

from kvcore.__main__ import main
from kvcore.bench import rounding, ways
from kvcore.bench.interleave import Timing, interleave, times_as_long
from kvcore.bench.machine import resident_mb
from kvcore.checkpoint.gguf_convert import convert
from kvcore.checkpoint.gguf_write import write_gguf
from kvcore.decoder import load
from kvcore.study.numerics import TYPES, numerics
from tests.kvcore.checkpoint.tiny_wheel import write_gguf as write_with_llama_cpps_order


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    convert(write_with_llama_cpps_order(tmp_path / "theirs.gguf"), tmp_path)
    return tmp_path


def test_bench_prints_each_part_of_its_table(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kvcore.bench.table.resident_mb", lambda *_, **__: (100, 200))
    args = ["--model", str(folder), "--contexts", "4", "9", "--repeats", "1", "--tokens", "2"]
    assert main(["bench", "--waiting", "passive", *args]) == 0
    said = capsys.readouterr().out
    assert "9 tokens" in said
    for part in (
        "threads",
        "torch 2",
        "prefill",
        "decode of one token",
        "the same tokens",
        "cost of capture",
    ):
        assert part in said, part
    # After 9 tokens and 2 steps there are 11; a quarter of 9 is in the window.
    contiguous, rolling = (
        float(re.search(rf"\n{kind} .* (\S+) KB +\S+ KB", said)[1])
        for kind in ("Contiguous", r"Rolling, window 2 \+ 4 sinks")
    )
    assert re.search(r"sessions of about 4 tokens .*\n1 .* 1\.00 x\n2 ", said)
    flips = re.findall(r"\n(Static|Rolling, window 2) +[\d,]+ +\S+ +(\d+) +\d+\.\d+", said)
    assert [kind for kind, _ in flips] == ["Static", "Rolling, window 2"]
    assert int(flips[0][1]) == 0
    assert rolling / contiguous == pytest.approx(6 / 11, abs=0.1)
    assert float(re.search(r"largest logit gap (\S+),", said)[1]) > 1e-4
    assert "200 MB resident with " in said


def test_numerics_prints_a_line_for_each_type(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["numerics", "--model", str(folder), "--tokens", "3"]) == 0
    said = capsys.readouterr().out
    for name in TYPES:
        assert f"\n{name} " in said, name


def test_numerics_counts_the_texts_in_which_rounding_reaches_the_logits(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {"passages": ["a b c"], "words": ["a a a a", "b b b b"]}
    monkeypatch.setattr("kvcore.bench.rounding.texts", lambda: some)
    assert main(["numerics", "--model", str(folder), "--texts"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"\npassages +\d of 1, up to \d.*, 0 unexplained; fast from exact \d", said)
    assert re.search(r"\nwords +\d of 2, up to ", said)


def test_the_texts_are_every_passage_and_every_word_and_no_choice_of_them() -> None:
    kinds = rounding.texts()
    assert {kind: len(found) for kind, found in kinds.items()} == {
        "English passages": 186,
        "English words 16 times": 134,
        "Chinese passages": 157,
        "Chinese words 16 times": 133,
    }
    assert "me me me" in " ".join(kinds["English words 16 times"])


def test_more_precise_numbers_bring_cached_and_recomputed_closer(folder: Path) -> None:
    found = {each.name: each for each in numerics(folder, [[5, 9, 2], [7, 7]], 4)}
    gaps = [found[name].gap for name in ("fp64", "fp32", "fp16", "bf16")]
    assert gaps == sorted(gaps)
    assert gaps[0] < 1e-9
    assert gaps[1] < 2e-4
    assert gaps[2] > 1e-3
    assert found["fp32"].first_flips == (None, None)
    assert found["fp32, fp16 weights (fast)"].gap < 2e-4, "what is rounded is the same both ways"


def test_a_written_gguf_holds_the_folder_it_was_written_from(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    convert(write_with_llama_cpps_order(tmp_path / "theirs.gguf"), tmp_path / "a")
    convert(write_gguf(tmp_path / "a", tmp_path / "ours.gguf"), tmp_path / "b")
    once, again = (load_file(tmp_path / x / "model.safetensors") for x in "ab")
    assert once.keys() == again.keys()
    for name, tensor in once.items():
        assert torch.equal(again[name], tensor), name
    for name in ("config.json", "tokenizer.json", "generation_config.json"):
        assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text(), name


def test_a_gguf_in_fp16_has_its_matrices_in_fp16_and_its_norms_in_fp32(
    folder: Path, tmp_path: Path
) -> None:
    read = GGUFReader(write_gguf(folder, tmp_path / "f16.gguf", np.float16))
    kinds = {(len(tensor.shape), tensor.tensor_type.name) for tensor in read.tensors}
    assert kinds == {(1, "F32"), (2, "F16")}


def test_both_ways_of_the_bench_write_the_same_tokens(folder: Path) -> None:
    pytest.importorskip("transformers")
    from kvcore.bench.peers import Transformers

    decoder = load(folder)
    both = [ways.Kvcore(decoder.engine), Transformers(decoder.path)]
    for way in both:
        way.prefill([5, 9, 2, 7])
        for _ in range(5):
            way.decode()
    assert both[0].new_ids == both[1].new_ids


def test_turns_are_taken_and_each_round_is_compared_with_itself() -> None:
    order: list[str] = []
    found = interleave({name: lambda name=name: order.append(name) for name in "abc"}, 2)
    assert "".join(order) == "abcbca"
    assert all(len(timing.seconds) == 2 for timing in found.values())
    assert times_as_long(Timing((1.0, 4.0, 2.0)), Timing((1.1, 4.4, 2.2))) == pytest.approx(1.1)


def test_memory_is_that_of_a_process_that_loaded_the_model(folder: Path) -> None:
    resident = resident_mb(str(folder), fast=False)
    if resident is not None:
        imported, loaded = resident
        assert 20 < imported <= loaded < imported + 100
