"""Folders that transformers reads in its own way: read the same, they give the same logits."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from families import LLAMA3, random_model, read_in_fp32, save, their_logits
from safetensors.torch import load_file, save_file
from tiny import TOLERANCE, random_ids
from torch import Tensor

from kvcore.engine import Engine
from kvcore.rope import frequencies
from kvcore.weights import load_transformer, read_config

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
ANGLES = "model.layers.0.self_attn.rotary_emb.inv_freq"
FULL = ["full_attention"] * 4
LISTED = ["full_attention", "sliding_attention"] * 2
OLD_ROPE = {"rope_parameters": ...}  # transformers 4 wrote rope_theta and rope_scaling

Tensors = dict[str, Tensor]
Change = Callable[[Tensors], Tensors]


def changed(folder: Path, change: Change | None = None, **config: Any) -> Path:
    """Write into a folder that transformers saved; a key changed to `...` is left out."""
    path = folder / "config.json"
    raw = json.loads(path.read_text("utf-8")) | config
    kept = {key: value for key, value in raw.items() if value is not ...}
    path.write_text(json.dumps(kept), "utf-8")
    if change:
        tensors = change(load_file(folder / "model.safetensors"))
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder


def assert_read_alike(folder: Path) -> None:
    ours, theirs = load_transformer(folder), read_in_fp32(folder)
    ids = random_ids(ours.config, 40)
    logits, _ = Engine(ours).recompute(ids)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


def without(*names: str) -> Change:
    return lambda tensors: {name: x for name, x in tensors.items() if name not in names}


def renamed(new: Callable[[str], str]) -> Change:
    return lambda tensors: {new(name): x for name, x in tensors.items()}


def with_copy(tensors: Tensors) -> Tensors:
    return tensors | {HEAD: tensors[EMBEDDING].clone()}


CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "silu by its other name": ("llama", {"hidden_act": "swish"}),
    "all layers listed as full": ("llama", {"layer_types": FULL}),
    "all layers listed as full, Mistral": ("mistral", {"layer_types": FULL, "sliding_window": 7}),
    "a Mistral with a list": ("mistral", {"layer_types": LISTED, "sliding_window": 5}),
    "a window that Llama has not": ("llama", {"sliding_window": 5, "use_sliding_window": True}),
    "a window that Qwen does not use": ("qwen2", {"sliding_window": 5, "max_window_layers": 0}),
    "a window beyond the last layer": (
        "qwen3",
        {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 28},
    ),
    "a window that SmolLM3 does not use": ("smollm3", {"sliding_window": 5}),
    "a switch for biases that are always there": ("qwen2", {"attention_bias": True}),
    "a switch for biases that are never there": ("mistral", {"attention_bias": True}),
    "every layer with RoPE": ("llama", {"no_rope_layers": [1, 1, 1, 1]}),
    "null for what has a default": (
        "llama",
        dict.fromkeys(("head_dim", "rope_scaling", "quantization_config", "layer_types"))
        | {"num_attention_heads": 4, "hidden_size": 40},
    ),
    "keys that compute nothing": (
        "llama",
        {
            "pretraining_tp": 2,
            "attention_dropout": 0.5,
            "use_cache": False,
            "dtype": "bfloat16",
            "torch_dtype": "float16",
            "initializer_range": 0.5,
            "partial_rotary_factor": 1,
            "original_max_position_embeddings": 16,
            "num_experts": 0,
            "rope_interleaved": False,
            "eos_token_id": [1, 104],
        },
    ),
    "scaling as transformers 4 wrote it": (
        "llama",
        OLD_ROPE | {"rope_theta": 100.0, "rope_scaling": {"type": "linear", "factor": 3.0}},
    ),
    "scaling beside the same in the new way": (
        "llama",
        {
            "rope_theta": 100.0,
            "rope_scaling": {key: value for key, value in LLAMA3.items() if key != "rope_theta"},
            "rope_parameters": LLAMA3,
        },
    ),
    "scaling beside none in the new way": (
        "llama",
        {
            "rope_scaling": {"rope_type": "linear", "factor": 3.0},
            "rope_parameters": {"rope_type": "default", "rope_theta": 500.0},
        },
    ),
    "no scaling beside one in the new way": (
        "llama",
        {"rope_scaling": {}, "rope_theta": 7.0, "rope_parameters": LLAMA3},
    ),
    "linear scaling with the length before it": (
        "llama",
        OLD_ROPE
        | {
            "rope_scaling": {
                "rope_type": "linear",
                "factor": 3.0,
                "original_max_position_embeddings": 16,
            }
        },
    ),
    "keys of other scalings": (
        "llama",
        {
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 100.0,
                "factor": 4.0,
                "attention_factor": 2.0,
                "beta_fast": None,
                "low_freq_factor": 1.0,
            }
        },
    ),
    "the length before Llama 3 scaling beside it": (
        "llama",
        {"rope_parameters": LLAMA3, "original_max_position_embeddings": 64},
    ),
    "the architecture without its output matrix": (
        "llama MHA tied",
        {"architectures": ["LlamaModel"]},
    ),
}
TENSORS: dict[str, tuple[str, Change]] = {
    "tied, the matrix stored as the head alone": (
        "llama MHA tied",
        lambda tensors: without(EMBEDDING)(with_copy(tensors)),
    ),
    "tied, stored twice": ("qwen2 MHA tied", with_copy),
    "saved without a head, names without the prefix": (
        "qwen3 MQA tied",
        renamed(lambda name: name.removeprefix("model.")),
    ),
    "bf16": ("qwen3", lambda tensors: {name: x.bfloat16() for name, x in tensors.items()}),
    "each tensor in another type": (
        "llama",
        lambda tensors: {
            name: x.to((torch.float16, torch.bfloat16, torch.float32)[i % 3])
            for i, (name, x) in enumerate(tensors.items())
        },
    ),
}


@pytest.mark.parametrize(("case", "config"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_means_what_it_means_to_transformers(
    tmp_path: Path, case: str, config: dict[str, Any]
) -> None:
    if config.get("head_dim", 0) is None:  # the width that follows from the others
        theirs = random_model(case, head_dim=10)
    else:
        theirs = random_model(case)
    assert_read_alike(changed(save(theirs, tmp_path), **config))


@pytest.mark.parametrize(("case", "change"), TENSORS.values(), ids=TENSORS)
def test_tensors_are_found_where_transformers_finds_them(
    tmp_path: Path, case: str, change: Change
) -> None:
    assert_read_alike(changed(save(random_model(case), tmp_path), change))


def test_an_index_left_beside_a_whole_file_is_not_read(tmp_path: Path) -> None:
    save(random_model("llama"), tmp_path)
    stale = {"weight_map": {EMBEDDING: "model-00001-of-00002.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(stale), "utf-8")
    assert_read_alike(tmp_path)


@pytest.mark.parametrize("case", ["llama MHA tied", "qwen2 MHA tied", "qwen3 MQA tied", "smollm3"])
def test_a_head_that_differs_is_used_although_the_config_says_tied(
    tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    def other_head(tensors: Tensors) -> Tensors:
        return tensors | {HEAD: tensors[EMBEDDING].flip(0).contiguous()}

    folder = changed(save(random_model(case), tmp_path), other_head)
    assert read_config(folder).tied
    with caplog.at_level(logging.WARNING):
        assert not load_transformer(folder).config.tied
    assert f"model.safetensors: {HEAD} differs from {EMBEDDING} by up to " in caplog.text
    assert_read_alike(folder)


def test_one_number_of_the_head_that_differs_is_enough(tmp_path: Path) -> None:
    def touched(tensors: Tensors) -> Tensors:
        tensors = with_copy(tensors)
        tensors[HEAD][7, 3] += 0.5
        return tensors

    folder = changed(save(random_model("llama MHA tied"), tmp_path), touched)
    assert not load_transformer(folder).config.tied
    assert_read_alike(folder)


def test_a_head_of_another_shape_is_refused(tmp_path: Path) -> None:
    folder = changed(
        save(random_model("llama MHA tied"), tmp_path),
        lambda tensors: tensors | {HEAD: tensors[EMBEDDING][:99].clone()},
    )
    with pytest.raises(ValueError, match=r"lm_head\.weight has shape \(99, 40\), .* \(104, 40\)"):
        load_transformer(folder)


@pytest.mark.parametrize("case", ["llama", "llama MHA tied"])
def test_rows_beyond_vocab_size_belong_to_the_model(
    tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As where a token was added and config.json left as it was, which transformers refuses."""
    folder = changed(save(random_model(case), tmp_path), vocab_size=99)
    with caplog.at_level(logging.WARNING):
        assert load_transformer(folder).config.vocab_size == 104
    assert "has 104 rows, config.json says vocab_size=99" in caplog.text
    ours = load_transformer(folder)
    theirs = read_in_fp32(changed(folder, vocab_size=104))
    ids = [*random_ids(ours.config, 30), 103, 99]
    logits, _ = Engine(ours).recompute(ids)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("case", ["llama", "llama 3 scaling", "linear scaling", "qwen2"])
def test_stored_angles_must_be_those_that_are_computed(
    tmp_path: Path, case: str, dtype: torch.dtype
) -> None:
    folder = save(random_model(case), tmp_path)
    angles = frequencies(read_config(folder)).to(dtype)
    changed(folder, lambda tensors: tensors | {ANGLES: angles})
    assert_read_alike(folder)
    for pair, factor in ((0, 1.05), (5, 0.9)):
        wrong = angles.clone()
        wrong[pair] *= factor
        changed(folder, lambda tensors, wrong=wrong: tensors | {ANGLES: wrong})
        expected = rf"model\.safetensors: .*inv_freq turns pair {pair} by .* config\.json by .*mend"
        with pytest.raises(ValueError, match=expected):
            load_transformer(folder)


def test_stored_angles_of_another_theta_are_refused(tmp_path: Path) -> None:
    folder = save(random_model("llama"), tmp_path)
    angles = frequencies(read_config(folder))
    changed(
        folder, lambda tensors: tensors | {ANGLES: angles}, rope_parameters=None, rope_theta=9e3
    )
    with pytest.raises(ValueError, match=r"inv_freq turns pair 1 by 0\.215443 .* by 0\.21926:"):
        load_transformer(folder)


@pytest.mark.parametrize("name", ["masked_bias", "bias", "rotary_emb.cos_cached"])
def test_no_other_tensor_is_left_out(tmp_path: Path, name: str) -> None:
    extra = {f"model.layers.0.self_attn.{name}": torch.zeros(1)}
    folder = changed(save(random_model("llama"), tmp_path), lambda tensors: tensors | extra)
    with pytest.raises(ValueError, match=rf"self_attn\.{name} has no place in what config"):
        load_transformer(folder)
