"""Folders that transformers reads in its own way: read the same, they give the same logits."""

import json
import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from kvcore.checkpoint.weights import load_transformer, read_config
from kvcore.engine.engine import Engine
from kvcore.ops.rope import frequencies
from tests.kvcore.checkpoint.families import LLAMA3, random_model, read_in_fp32, save, their_logits
from tests.kvcore.tiny import TOLERANCE, random_ids

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
ANGLES = "model.layers.0.self_attn.rotary_emb.inv_freq"
MASKS, HIDDEN = "model.layers.1.self_attn.bias", "masked_bias"
FULL, SLIDING = ["full_attention"] * 4, ["sliding_attention"] * 4
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
    "layers without RoPE that Llama has not": (
        "llama",
        {"no_rope_layers": [1, 0, 0, 1], "no_rope_layer_interval": 2},
    ),
    "windowed layers that Llama has not": ("llama", {"layer_types": SLIDING, "sliding_window": 5}),
    "experts that Llama has not": ("llama", {"num_local_experts": 1, "num_experts": 8}),
    "a list of windows in SmolLM3, switched off": (
        "smollm3",
        {"layer_types": LISTED, "sliding_window": 5, "use_sliding_window": False},
    ),
    "more flags for RoPE than layers": ("smollm3", {"no_rope_layers": [1, 0, 1, 1, 0, 0]}),
    "two architectures": ("qwen2", {"architectures": ["Qwen2ForCausalLM", "LlamaForCausalLM"]}),
    "an architecture of another name": ("llama", {"architectures": ["LLaMAForCausalLM"]}),
    "a part of each head, which is read where positions are scaled alone": (
        "llama",
        {"partial_rotary_factor": 0.5},
    ),
    "a key that no scaling has": (
        "qwen2",
        {
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 100.0,
                "mrope_section": [2, 2, 2],
                "partial_rotary_factor": 0.5,
            }
        },
    ),
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


# Of every key that some architecture here reads, and of some that none does.
VALUES: dict[str, list[Any]] = {
    "architectures": [None, [], ["LlamaForCausalLM", "Other"], ["Other"]],
    "attention_chunk_size": [4],
    "clip_qkv": [0.1],
    "hidden_act": ["silu", "swish"],
    "is_decoder": [True],
    "layer_types": [FULL, SLIDING, LISTED, None],
    "logit_scale": [2.0],
    "max_window_layers": [0, 2, 9],
    "no_rope_layer_interval": [1, 2, 3],
    "no_rope_layers": [[1, 1, 1, 0], [0, 0, 0, 0], [1, 0, 1, 1, 0], None],
    "num_experts": [1, 8],
    "num_local_experts": [1, 8],
    "original_max_position_embeddings": [16],
    "partial_rotary_factor": [1.0, 0.5],
    "rms_norm_eps": [1e-3],
    "rope_parameters": [LLAMA3, None, {"rope_type": "default", "rope_theta": 50.0, "beta": 2}],
    "rope_scaling": [None, {"type": "linear", "factor": 2.0}, {"rope_type": "default"}],
    "rope_theta": [100.0],
    "sliding_window": [1, 5, 400, None],
    "use_sliding_window": [True, False],
}


@pytest.mark.parametrize(
    "case", ["llama", "mistral", "ministral", "qwen2", "qwen3", "smollm3", "qwen2 listed"]
)
def test_whatever_keys_come_together_what_transformers_reads_is_read_alike(
    tmp_path: Path, case: str
) -> None:
    saved = json.loads((save(random_model(case), tmp_path) / "config.json").read_text("utf-8"))
    rng, compared = random.Random(case), 0
    while compared < 8:
        keys = rng.sample(list(VALUES), 6)
        changed(tmp_path, **saved | {key: rng.choice(VALUES[key]) for key in keys})
        try:
            their_logits(read_in_fp32(tmp_path), [1, 2, 3])
        except (ValueError, RuntimeError):  # a list of windows without a size, or half a head
            with pytest.raises(ValueError, match=r"config\.json: "):
                load_transformer(tmp_path)
            continue
        assert_read_alike(tmp_path)
        compared += 1


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


MASK = torch.ones(20, 20).tril()
BUFFERS: dict[str, Callable[[Tensor], Tensors]] = {
    "angles in a row": lambda angles: {ANGLES: angles[None]},
    "angles in a column": lambda angles: {ANGLES: angles[:, None]},
    "angles of both halves": lambda angles: {ANGLES: torch.cat((angles, angles))},
    "angles of each head": lambda angles: {ANGLES: angles.repeat(4, 1)},
    "angles without a layer": lambda angles: {"model.rotary_emb.inv_freq": angles},
    "angles before their scaling": lambda angles: {"rotary_emb.original_inv_freq": angles},
    "a mask of bytes": lambda angles: {MASKS: MASK.to(torch.uint8)[None, None]},
    "a mask of booleans": lambda angles: {MASKS: MASK.bool()},
    "a mask of numbers in one row": lambda angles: {MASKS: MASK.half().flatten()},
    "one hidden score": lambda angles: {f"model.layers.3.self_attn.{HIDDEN}": torch.tensor(-1e4)},
    "hidden scores": lambda angles: {f"layers.3.self_attn.{HIDDEN}": torch.full((2,), -1e9).half()},
}
WRONG: dict[str, tuple[Callable[[Tensor], Tensors], str]] = {
    "angles of one pair": (lambda angles: {ANGLES: angles[:1]}, r"\(1,\), .* angles of 6 pairs"),
    "no angles": (lambda angles: {ANGLES: angles[:0]}, r"\(0,\), config.json asks for"),
    "whole angles": (lambda angles: {ANGLES: angles.long()}, "is torch.int64 .*, config.json asks"),
    "angles side by side": (
        lambda angles: {ANGLES: angles.repeat_interleave(2)},
        "turns pair 1 by 1 a position",
    ),
    "the second half": (
        lambda angles: {ANGLES: torch.cat((angles, 2 * angles))},
        "turns pair 0 by 2 a position, config.json by 1",
    ),
    "a mask upside down": (lambda angles: {MASKS: MASK.T.contiguous()}, "is not the mask"),
    "a mask with a window": (lambda angles: {MASKS: MASK.triu(-5).bool()}, "is not the mask"),
    "a mask to be added": (lambda angles: {MASKS: (1 - MASK) * -1e9}, "is not the mask"),
    "half a mask": (lambda angles: {MASKS: MASK[:10].contiguous()}, r"\(10, 20\), is not the mask"),
    "no mask": (lambda angles: {MASKS: MASK[:0]}, r"\(0, 20\), is not the mask"),
    "a bias": (lambda angles: {MASKS: torch.zeros(4)}, r"\(4,\), is not the mask"),
    "a mild hidden score": (
        lambda angles: {f"model.layers.0.self_attn.{HIDDEN}": torch.tensor([-1e9, -50.0])},
        "makes a hidden score -50, which would weigh something: it must be -10000 or less",
    ),
}


@pytest.mark.parametrize("buffers", BUFFERS.values(), ids=BUFFERS)
def test_what_the_model_computes_anew_may_be_stored_in_any_shape(
    tmp_path: Path, buffers: Callable[[Tensor], Tensors]
) -> None:
    folder = save(random_model("llama"), tmp_path)
    extra = buffers(frequencies(read_config(folder)))
    assert_read_alike(changed(folder, lambda tensors: tensors | extra))


@pytest.mark.parametrize(("buffers", "message"), WRONG.values(), ids=WRONG)
def test_what_the_model_computes_otherwise_is_refused(
    tmp_path: Path, buffers: Callable[[Tensor], Tensors], message: str
) -> None:
    folder = save(random_model("llama"), tmp_path)
    extra = buffers(frequencies(read_config(folder)))
    changed(folder, lambda tensors: tensors | extra)
    with pytest.raises(ValueError, match=rf"model\.safetensors: .*{message}"):
        load_transformer(folder)


@pytest.mark.parametrize("name", ["rotary_emb.cos_cached", "q_proj.bias", "bias_k", "sinks"])
def test_no_other_tensor_is_left_out(tmp_path: Path, name: str) -> None:
    extra = {f"model.layers.0.self_attn.{name}": torch.zeros(1)}
    folder = changed(save(random_model("llama"), tmp_path), lambda tensors: tensors | extra)
    with pytest.raises(ValueError, match=rf"self_attn\.{name} has no place in what config"):
        load_transformer(folder)
