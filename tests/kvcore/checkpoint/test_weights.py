"""A Hugging Face folder to a Transformer: what is read, what is refused, and in which words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from kvcore.checkpoint.weights import load_transformer, read_config
from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.config import ModelConfig
from tests.kvcore.checkpoint.folders import hf_config
from tests.kvcore.tiny import random_ids, tiny_config, tiny_weights

CONFIG = tiny_config("GQA", tied=False, rope_theta=5_000.0)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder: config.json with changes, and files of tensors."""

    def folder(files: dict[str, dict[str, Tensor]] | None = None, **changes: Any) -> Path:
        (tmp_path / "config.json").write_text(json.dumps(hf_config(CONFIG, **changes)), "utf-8")
        if files is None:
            files = {"model.safetensors": tiny_weights(CONFIG)}
        for name, tensors in files.items():
            save_file(tensors, tmp_path / name)
        return tmp_path

    return folder


def halves() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    names = sorted(weights := tiny_weights(CONFIG))
    first, second = names[::2], names[1::2]
    return {n: weights[n] for n in first}, {n: weights[n] for n in second}


def logits(model: Transformer) -> Tensor:
    return torch.tensor(Engine(model).recompute(random_ids(CONFIG, 20))[0])


def assert_same_model(loaded: Transformer, weights: dict[str, Tensor], atol: float = 1e-5) -> None:
    expected = logits(Transformer(loaded.config, weights))
    torch.testing.assert_close(logits(loaded), expected, atol=atol, rtol=0)


def test_one_file_gives_the_model_that_was_written(write: Write) -> None:
    loaded = load_transformer(write())
    assert loaded.config == CONFIG
    assert_same_model(loaded, tiny_weights(CONFIG))


def test_several_files_are_read_together(write: Write) -> None:
    a, b = halves()
    folder = write({"model-00001-of-00002.safetensors": a, "model-00002-of-00002.safetensors": b})
    assert_same_model(load_transformer(folder), tiny_weights(CONFIG))


def test_an_index_says_which_files_belong_to_the_model(write: Write) -> None:
    a, b = halves()
    other = {"something.else": torch.zeros(3)}
    folder = write({"a.safetensors": a, "b.safetensors": b, "adapter.safetensors": other})
    weight_map = dict.fromkeys(a, "a.safetensors") | dict.fromkeys(b, "b.safetensors")
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}), "utf-8")
    assert_same_model(load_transformer(folder), tiny_weights(CONFIG))

    (folder / "b.safetensors").unlink()
    with pytest.raises(ValueError, match=r"b\.safetensors is missing, but model\.safetensors\.ind"):
        load_transformer(folder)


def test_a_tensor_in_two_files_is_refused(write: Write) -> None:
    norm = {"model.norm.weight": torch.ones(CONFIG.dim)}
    folder = write({"a.safetensors": tiny_weights(CONFIG), "b.safetensors": norm})
    with pytest.raises(ValueError, match=r"norm\.weight .*a\.safetensors and .*b\.safetensors"):
        load_transformer(folder)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_other_float_types_become_fp32(write: Write, dtype: torch.dtype) -> None:
    stored = {name: tensor.to(dtype) for name, tensor in tiny_weights(CONFIG).items()}
    loaded = load_transformer(write({"model.safetensors": stored}))
    assert {tensor.dtype for _, tensor in loaded.weights()} == {torch.float32}
    assert_same_model(loaded, {name: tensor.float() for name, tensor in stored.items()})


def test_a_tied_model_may_carry_the_copy_of_its_output_matrix(write: Write) -> None:
    weights = tiny_weights(CONFIG)
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone()
    loaded = load_transformer(write({"model.safetensors": weights}, tie_word_embeddings=True))
    assert loaded.config.tied
    assert_same_model(loaded, weights)


def test_a_missing_tensor_is_named(write: Write) -> None:
    weights = tiny_weights(CONFIG)
    del weights["model.layers.1.mlp.up_proj.weight"]
    with pytest.raises(ValueError, match=r"1 of 30 .* model\.layers\.1\.mlp\.up_proj\.weight"):
        load_transformer(write({"model.safetensors": weights}))


def test_an_untied_model_without_its_output_matrix_is_refused(write: Write) -> None:
    weights = tiny_weights(CONFIG)
    del weights["lm_head.weight"]
    with pytest.raises(ValueError, match=r"missing, first lm_head\.weight"):
        load_transformer(write({"model.safetensors": weights}))


def test_a_tensor_without_a_place_is_named(write: Write) -> None:
    extra = {"model.layers.0.self_attn.q_norm.weight": torch.ones(12)}
    with pytest.raises(ValueError, match=r"self_attn\.q_norm\.weight has no place"):
        load_transformer(write({"model.safetensors": tiny_weights(CONFIG) | extra}))


def test_a_wrong_shape_is_named_with_both_shapes(write: Write) -> None:
    weights = tiny_weights(CONFIG)
    weights["model.layers.2.self_attn.k_proj.weight"] = torch.zeros(48, 40)
    with pytest.raises(ValueError, match=r"2\.self_attn\.k_proj.* \(48, 40\).* \(24, 40\)"):
        load_transformer(write({"model.safetensors": weights}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 105}, r"embed_tokens\.weight has shape \(104, 40\), .* \(105, 40\)"),
        ({"hidden_size": 44}, r"embed_tokens\.weight has shape \(104, 40\), .* \(104, 44\)"),
        ({"intermediate_size": 71}, r"gate_proj\.weight has shape \(72, 40\), .* \(71, 40\)"),
        ({"num_key_value_heads": 4}, r"k_proj\.weight has shape \(24, 40\), .* \(48, 40\)"),
        ({"head_dim": 10}, r"q_proj\.weight has shape \(48, 40\), .* \(40, 40\)"),
        ({"num_hidden_layers": 2}, r"layers\.2\..* has no place in what config\.json describes"),
        ({"num_hidden_layers": 4}, r"9 of 39 tensors are missing, first model\.layers\.3\."),
        ({"num_hidden_layers": 9_000_000}, "30 tensors are too few for num_hidden_layers=9000000"),
        ({"attention_bias": True}, r"12 of 42 .* first model\.layers\.0\.self_attn\.q_proj\.bias"),
        ({"model_type": "qwen2", "architectures": ...}, r"9 of 39 .*0\.self_attn\.q_proj\.bias"),
        ({"model_type": "qwen3", "architectures": ...}, r"6 of 36 .*0\.self_attn\.q_norm\.weight"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_config_of_another_model_is_refused(write: Write, changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        load_transformer(write(**changes))


def test_a_tensor_that_the_config_does_not_ask_for_is_not_left_out(write: Write) -> None:
    """Llama weights with a bias would give other logits without it."""
    bias = {"model.layers.1.self_attn.k_proj.bias": torch.ones(24)}
    with pytest.raises(ValueError, match=r"k_proj\.bias has no place"):
        load_transformer(write({"model.safetensors": tiny_weights(CONFIG) | bias}))


def test_a_tensor_of_whole_numbers_is_refused(write: Write) -> None:
    weights = tiny_weights(CONFIG)
    weights["model.norm.weight"] = weights["model.norm.weight"].to(torch.int8)
    with pytest.raises(ValueError, match=r"model\.norm\.weight is stored as I8"):
        load_transformer(write({"model.safetensors": weights}))


@pytest.mark.parametrize("keep", [0, 4, 100, -1], ids=str)
def test_a_file_that_was_cut_short_is_named(write: Write, keep: int) -> None:
    path = write() / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"model\.safetensors is damaged or cut short"):
        load_transformer(path.parent)


def test_a_folder_without_weights_is_refused(write: Write) -> None:
    with pytest.raises(ValueError, match=r"has no \*\.safetensors file"):
        load_transformer(write({}))


def test_smollm2_has_the_shape_it_is_known_for(smollm2_folder: Path) -> None:
    assert read_config(smollm2_folder) == ModelConfig(
        vocab_size=49152,
        dim=576,
        n_layers=30,
        n_heads=9,
        n_kv_heads=3,
        head_dim=64,
        hidden_dim=1536,
        max_seq_len=8192,
        rope_theta=100_000.0,
        norm_eps=1e-5,
        tied=True,
    )
