"""GGUF to a Hugging Face folder: every number where it was before llama.cpp moved it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from kvcore.checkpoint.gguf_convert import convert, unpermute
from kvcore.checkpoint.weights import load_transformer, read_config
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.text.tokenizer import Tokenizer
from tests.kvcore.checkpoint.tiny_wheel import CONFIG, permute, write_gguf
from tests.kvcore.tiny import HEADS, random_ids, tiny_config, tiny_weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    convert(write_gguf(tmp_path / "tiny.gguf"), tmp_path)
    return tmp_path


def test_unpermute_undoes_what_llama_cpp_does() -> None:
    rows = np.arange(4 * 6 * 5, dtype=np.float32).reshape(4 * 6, 5)
    moved = permute(rows, 4)
    assert not np.array_equal(moved, rows)
    assert np.array_equal(unpermute(moved, 4), rows)


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_every_tensor_comes_back_as_it_was(tmp_path: Path, heads: str, tied: bool) -> None:
    config = tiny_config(heads, tied)
    convert(write_gguf(tmp_path / "tiny.gguf", config), tmp_path)
    written, original = load_file(tmp_path / "model.safetensors"), tiny_weights(config)
    assert written.keys() == original.keys()
    for name, tensor in original.items():
        assert torch.equal(written[name], tensor), name


def test_the_converted_model_computes_what_the_original_does(folder: Path) -> None:
    ids = random_ids(CONFIG, 20)
    converted, _ = Engine(load_transformer(folder)).recompute(ids)
    original, _ = Engine(Transformer(CONFIG, tiny_weights(CONFIG))).recompute(ids)
    np.testing.assert_allclose(converted, original, atol=1e-5, rtol=0)


def test_the_config_says_what_the_gguf_says(folder: Path) -> None:
    assert read_config(folder) == CONFIG
    raw = json.loads((folder / "config.json").read_text("utf-8"))
    assert (raw["bos_token_id"], raw["eos_token_id"]) == (1, 2)


def test_transformers_reads_the_folder_as_it_is(folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs, report = transformers.AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True
    )
    assert not any(report.values()), report
    assert theirs.dtype == torch.float32
    ids = random_ids(CONFIG, 20)
    with torch.inference_mode():
        expected = theirs(torch.tensor([ids])).logits[0].numpy()
    logits, _ = Engine(load_transformer(folder)).recompute(ids)
    np.testing.assert_allclose(logits, expected, atol=2e-4, rtol=0)
    text = "he the 12 he"
    read = transformers.AutoTokenizer.from_pretrained(folder)
    assert read(text)["input_ids"] == Tokenizer.from_folder(folder).encode(text)


def test_the_tokenizer_merges_and_stops_as_the_gguf_says(folder: Path) -> None:
    tokenizer = Tokenizer.from_folder(folder)
    labels = tokenizer.labels(tokenizer.encode("he the 12<|im_end|>"))
    # 1 and 2 stay apart though there is a merge: every digit stands alone
    assert [label.text for label in labels[:7]] == ["he", "␣", "t", "he", "␣", "1", "2"]
    assert tokenizer.stop_ids == (0, 2)
    assert tokenizer.decode([1, *tokenizer.encode("he"), 2]) == "he"


def test_progress_counts_every_tensor(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    convert(write_gguf(tmp_path / "tiny.gguf"), tmp_path, lambda *at: heard.append(at))
    assert heard == [(done, 30) for done in range(31)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "qwen2"}, "general.architecture='qwen2', only 'llama'"),
        ({"pre": "llama-bpe"}, "tokenizer.ggml.pre='llama-bpe', only 'smollm'"),
    ],
)
def test_another_kind_of_gguf_is_refused(tmp_path: Path, changes, message) -> None:
    gguf = write_gguf(tmp_path / "tiny.gguf", **changes)
    with pytest.raises(ValueError, match=message):
        convert(gguf, tmp_path)


def test_smollm2_has_the_numbers_that_transformers_reads(
    smollm2_folder: Path, smollm2_gguf: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    # from_pretrained(gguf_file=...) does the same, but wants accelerate
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    with torch.device("meta"):
        shapes = transformers.LlamaForCausalLM(
            transformers.AutoConfig.from_pretrained(smollm2_folder)
        )
    theirs = load_gguf_checkpoint(smollm2_gguf, return_tensors=True, model_to_load=shapes)
    tensors = theirs["tensors"]
    with safe_open(smollm2_folder / "model.safetensors", "pt") as ours:
        assert set(ours.keys()) == set(tensors)
        for name, tensor in tensors.items():
            quantized = tensor.ndim == 2
            assert torch.equal(ours.get_tensor(name), tensor.half() if quantized else tensor), name


def test_smollm2_knows_the_capital_of_france(smollm2_folder: Path) -> None:
    tokenizer = Tokenizer.from_folder(smollm2_folder)
    step = (
        Engine(load_transformer(smollm2_folder), tokenizer)
        .session()
        .update("The capital of France is")
    )
    assert tokenizer.decode([step.next_id]) == " Paris"
