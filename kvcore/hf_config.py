"""config.json of a Hugging Face folder to a ModelConfig."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kvcore.config import ModelConfig


def read_config(folder: str | Path) -> ModelConfig:
    """Read `config.json`; an absent optional key has the meaning transformers gives it.

    Raises ValueError naming the file, key and value for anything but a plain Llama.
    """
    path = Path(folder) / "config.json"
    raw = json_object(path)
    _refuse_other_than_llama(raw, path)
    rope = _rope(raw, "rope_parameters", path)  # where transformers 5 keeps rope_theta
    n_heads = _number(raw, "num_attention_heads", path)
    dim = _number(raw, "hidden_size", path)
    try:
        return ModelConfig(
            vocab_size=_number(raw, "vocab_size", path),
            dim=dim,
            n_layers=_number(raw, "num_hidden_layers", path),
            n_heads=n_heads,
            n_kv_heads=_number(raw, "num_key_value_heads", path, default=n_heads),
            head_dim=_number(raw, "head_dim", path, default=dim // max(n_heads, 1)),
            hidden_dim=_number(raw, "intermediate_size", path),
            max_seq_len=_number(raw, "max_position_embeddings", path, default=2048),
            rope_theta=float(raw.get("rope_theta") or rope.get("rope_theta") or 10_000.0),
            norm_eps=float(raw.get("rms_norm_eps") or 1e-6),
            tied=bool(raw.get("tie_word_embeddings", False)),
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _refuse_other_than_llama(raw: dict[str, Any], path: Path) -> None:
    architectures = raw.get("architectures") or []
    if architectures not in ([], ["LlamaForCausalLM"]) or raw.get("model_type", "llama") != "llama":
        what = architectures or f"model_type={raw.get('model_type')}"
        raise ValueError(f"{path}: {what} is not supported, only LlamaForCausalLM")
    for key in ("rope_scaling", "rope_parameters"):
        rope = _rope(raw, key, path)
        kind = rope.get("rope_type", rope.get("type", "default"))
        if kind != "default":
            raise ValueError(f"{path}: {key} of type {kind!r} is not supported, only plain RoPE")
        if rope.get("partial_rotary_factor", 1.0) != 1.0:
            raise ValueError(f"{path}: {key} with partial_rotary_factor is not supported")
    plain: dict[str, Any] = {
        "attention_bias": False,
        "mlp_bias": False,
        "hidden_act": "silu",
        "quantization_config": None,
    }
    for key, value in plain.items():
        if raw.get(key, value) not in (value, None):
            raise ValueError(f"{path}: {key}={raw[key]!r} is not supported, only {value!r}")


def _rope(raw: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    rope = raw.get(key) or {}
    if not isinstance(rope, dict):
        raise ValueError(f"{path}: {key}={rope!r} must be an object")
    return rope


def _number(raw: dict[str, Any], key: str, path: Path, default: int | None = None) -> int:
    value = raw.get(key)
    value = default if value is None else value
    if value is None:
        raise ValueError(f"{path} lacks {key}")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{path}: {key}={value!r} must be a whole number")
    return value


def json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; ValueError naming the file when there is none."""
    if not path.is_file():
        raise ValueError(f"{path} is missing: a model folder needs it")
    try:
        raw = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise ValueError(f"{path} must hold a JSON object")
    return raw
