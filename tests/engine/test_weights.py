"""A Hugging Face folder to a Transformer: what is read, what is refused, and in which words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tiny import random_ids, tiny_config, tiny_weights
from torch import Tensor

from kvcore.config import ModelConfig
from kvcore.engine import Engine
from kvcore.model import Transformer
from kvcore.weights import load_transformer, read_config

CONFIG = tiny_config("GQA", tied=False, rope_theta=5_000.0)


def hf_config(config: ModelConfig = CONFIG, **changes: Any) -> dict[str, Any]:
    """config.json as transformers 4 writes it; a change to `...` leaves the key out."""
    raw = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": config.vocab_size,
        "hidden_size": config.dim,
        "num_hidden_layers": config.n_layers,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "intermediate_size": config.hidden_dim,
        "max_position_embeddings": config.max_seq_len,
        "rope_theta": config.rope_theta,
        "rms_norm_eps": config.norm_eps,
        "tie_word_embeddings": config.tied,
        "hidden_act": "silu",
    } | changes
    return {key: value for key, value in raw.items() if value is not ...}


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder: config.json with changes, and files of tensors."""

    def folder(files: dict[str, dict[str, Tensor]] | None = None, **changes: Any) -> Path:
        (tmp_path / "config.json").write_text(json.dumps(hf_config(**changes)), "utf-8")
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
    assert all(buffer.dtype == torch.float32 for buffer in loaded.buffers())
    assert_same_model(loaded, {name: tensor.float() for name, tensor in stored.items()})


def test_a_tied_model_may_carry_the_copy_of_its_output_matrix(write: Write) -> None:
    weights = tiny_weights(CONFIG)
    weights["lm_head.weight"] = torch.zeros_like(weights["lm_head.weight"])  # must not be used
    weights["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.zeros(6)
    loaded = load_transformer(write({"model.safetensors": weights}, tie_word_embeddings=True))
    assert loaded.config.tied
    assert_same_model(loaded, weights)
    assert logits(loaded).abs().max() > 0


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_a_folder_saved_by_transformers_loads_to_the_same_logits(tmp_path: Path, tied) -> None:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    theirs = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=CONFIG.vocab_size,
            hidden_size=48,  # head_dim is left to be derived
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            intermediate_size=72,
            max_position_embeddings=64,
            rope_parameters={"rope_type": "default", "rope_theta": 5_000.0},
            tie_word_embeddings=tied,
            initializer_range=0.5,
        )
    ).eval()
    theirs.save_pretrained(tmp_path, max_shard_size="50KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    loaded = load_transformer(tmp_path)
    assert (loaded.config.rope_theta, loaded.config.head_dim) == (5_000.0, 12)
    ids = random_ids(CONFIG, 20)
    with torch.inference_mode():
        expected = theirs(torch.tensor([ids])).logits[0]
    torch.testing.assert_close(logits(loaded), expected, atol=2e-4, rtol=0)


def test_absent_keys_have_the_defaults_of_transformers(write: Write) -> None:
    transformers = pytest.importorskip("transformers")
    asked = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
    needed = {key: hf_config()[key] for key in (*asked, "intermediate_size")}
    folder = write({}, **{key: needed.get(key, ...) for key in hf_config()})
    ours, theirs = read_config(folder), transformers.LlamaConfig(**needed)
    assert ours.n_kv_heads == theirs.num_key_value_heads == 4
    assert ours.head_dim == theirs.head_dim == 10
    assert ours.max_seq_len == theirs.max_position_embeddings
    assert ours.norm_eps == theirs.rms_norm_eps
    assert ours.tied == theirs.tie_word_embeddings
    assert ours.rope_theta == theirs.rope_parameters["rope_theta"]


def test_null_means_absent(write: Write) -> None:
    keys = ("num_key_value_heads", "head_dim", "rope_scaling", "rope_parameters", "architectures")
    config = read_config(write({}, **dict.fromkeys(keys)))
    assert (config.n_kv_heads, config.head_dim) == (4, 10)


def test_rope_theta_is_found_where_transformers_5_writes_it(write: Write) -> None:
    rope = {"rope_type": "default", "rope_theta": 123.0}
    assert read_config(write({}, rope_theta=..., rope_parameters=rope)).rope_theta == 123.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architectures": ["MistralForCausalLM"]}, "MistralForCausalLM"),
        ({"architectures": ..., "model_type": "qwen2"}, "model_type=qwen2"),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, "rope_scaling .*linear"),
        ({"rope_parameters": {"rope_type": "llama3"}}, "rope_parameters .*llama3"),
        ({"rope_parameters": {"partial_rotary_factor": 0.5}}, "partial_rotary_factor"),
        ({"rope_scaling": "linear"}, "rope_scaling='linear' must be an object"),
        ({"attention_bias": True}, "attention_bias=True"),
        ({"mlp_bias": True}, "mlp_bias=True"),
        ({"hidden_act": "gelu"}, "hidden_act='gelu'"),
        ({"quantization_config": {"bits": 4}}, "quantization_config="),
        ({"vocab_size": ...}, "lacks vocab_size"),
        ({"hidden_size": "40"}, "hidden_size='40' must be a whole number"),
        ({"num_hidden_layers": True}, "num_hidden_layers=True must be a whole number"),
        ({"rms_norm_eps": [1]}, "config.json"),
        ({"num_key_value_heads": 3}, "n_heads=4 .* n_kv_heads=3"),
        ({"num_attention_heads": 0}, "n_heads=0"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_is_not_a_plain_llama_is_refused_by_name(write: Write, changes, message) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        read_config(write({}, **changes))
    assert "config.json" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"), [(None, "is missing"), ("{", "not valid JSON"), ("[]", "JSON object")]
)
def test_a_config_that_cannot_be_read_is_refused(tmp_path: Path, text, message) -> None:
    if text is not None:
        (tmp_path / "config.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=f"config.json .*{message}"):
        read_config(tmp_path)


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
