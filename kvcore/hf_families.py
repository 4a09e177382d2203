"""In what the supported architectures differ: the one table of what their config.json means.

Every default is the one that transformers gives to a key that is absent; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import repr as short
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Family:
    """One architecture: the keys it reads, and what it has whatever the keys say."""

    architecture: str
    optional: Mapping[str, Any]  # keys that may be absent, and what that means
    qkv_bias: bool = False
    qk_norm: bool = False


PLAIN: Mapping[str, Any] = {
    "num_key_value_heads": None,  # as many as num_attention_heads
    "head_dim": None,  # hidden_size / num_attention_heads
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10_000.0,
    "rope_scaling": None,
    "rope_parameters": None,
    "tie_word_embeddings": False,
}

# The layers from max_window_layers on see only the window, and only if use_sliding_window says so.
QWEN: Mapping[str, Any] = {
    "num_key_value_heads": 32,
    "max_position_embeddings": 32768,
    "use_sliding_window": False,
    "sliding_window": 4096,
    "max_window_layers": 28,
    "layer_types": None,  # or one name a layer, which overrules max_window_layers
}

FAMILIES: Mapping[str, Family] = {
    "llama": Family(
        architecture="LlamaForCausalLM",
        optional={**PLAIN, "attention_bias": False, "mlp_bias": False},
    ),
    "mistral": Family(
        architecture="MistralForCausalLM",
        optional={
            **PLAIN,
            "num_key_value_heads": 8,
            "max_position_embeddings": 131072,
            "sliding_window": 4096,  # of every layer; null means none
        },
    ),
    "qwen2": Family(
        architecture="Qwen2ForCausalLM",
        optional={**PLAIN, **QWEN},
        qkv_bias=True,
    ),
    "qwen3": Family(
        architecture="Qwen3ForCausalLM",
        optional={**PLAIN, **QWEN, "head_dim": 128, "attention_bias": False},
        qk_norm=True,
    ),
    "smollm3": Family(
        architecture="SmolLM3ForCausalLM",
        optional={
            **PLAIN,
            "num_key_value_heads": 4,
            "max_position_embeddings": 32768,
            "rope_theta": 2_000_000.0,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "mlp_bias": False,
            "no_rope_layers": None,  # a 0 for each layer without RoPE
            "no_rope_layer_interval": 4,  # without that list, every so many layers
            "layer_types": None,
        },
    ),
}

# Keys that change what is computed. Where a family does not read one, it must be absent, null or
# have the value that changes nothing.
NEUTRAL: Mapping[str, Any] = {
    "attention_bias": False,
    "mlp_bias": False,
    "hidden_act": "silu",
    "use_sliding_window": False,
    "sliding_window": None,
    "layer_types": None,
    "no_rope_layers": None,
    "no_rope_layer_interval": None,
    "partial_rotary_factor": 1.0,
    "original_max_position_embeddings": None,
    "quantization_config": None,
    "num_experts": None,
    "num_local_experts": None,
}


def family_of(raw: Mapping[str, Any]) -> Family:
    """The family that `model_type`, or without it `architectures`, names.

    Raises ValueError for another one, and for a key that the family could not honour.
    """
    kind, architectures = raw.get("model_type"), raw.get("architectures")
    if kind is None:
        named = [name for name, one in FAMILIES.items() if [one.architecture] == architectures]
        if not named:
            raise ValueError(
                f"without model_type, architectures={short(architectures)} is not supported, only "
                + ", ".join(family.architecture for family in FAMILIES.values())
            )
        kind = named[0]
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise ValueError(f"model_type={short(kind)} is not supported, only {', '.join(FAMILIES)}")
    family = FAMILIES[kind]
    if architectures not in (None, [], [family.architecture]):
        raise ValueError(
            f"architectures={short(architectures)} is not supported for model_type={kind!r}, "
            f"only {family.architecture}"
        )
    for key, neutral in NEUTRAL.items():
        if key not in family.optional and raw.get(key) not in (None, neutral):
            raise ValueError(
                f"{key}={short(raw[key])} is not supported for {family.architecture}, "
                f"only {neutral!r}"
            )
    return family
