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
    "original_max_position_embeddings": None,
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

MISTRAL: Mapping[str, Any] = {
    **PLAIN,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
    "sliding_window": 4096,  # of every layer; null means none
    "layer_types": None,  # or one name a layer: transformers reads such a Mistral as a Ministral
}

FAMILIES: Mapping[str, Family] = {
    "llama": Family(
        architecture="LlamaForCausalLM",
        optional={**PLAIN, "attention_bias": False, "mlp_bias": False},
    ),
    "mistral": Family(architecture="MistralForCausalLM", optional=MISTRAL),
    "ministral": Family(architecture="MinistralForCausalLM", optional=MISTRAL),
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
            "use_sliding_window": False,
            "sliding_window": None,  # of the layers without RoPE
            "layer_types": None,
        },
    ),
}

FULL, SLIDING = "full_attention", "sliding_attention"

# Keys that would change what is computed. Where a family does not read one, it must be absent, null
# or say nothing: have one of these values, or be a list of nothing else. Not among them are
# switches for biases, which the tensors themselves show, and windows, which a family that has none
# ignores as transformers does.
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "hidden_act": ("silu", "swish"),  # two names of one function
    "layer_types": (FULL,),
    "no_rope_layers": (1,),
    "no_rope_layer_interval": (),
    "partial_rotary_factor": (1.0,),
    "quantization_config": (),
    "num_experts": (0,),
    "num_local_experts": (0,),
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
    bare = family.architecture.replace("ForCausalLM", "Model")  # saved without its output matrix
    if architectures not in (None, [], [family.architecture], [bare]):
        raise ValueError(
            f"architectures={short(architectures)} is not supported for model_type={kind!r}, "
            f"only {family.architecture}"
        )
    for key, neutral in NEUTRAL.items():
        value = raw.get(key)
        values = value if isinstance(value, list) else [value]
        if key not in family.optional and not all(one in (None, *neutral) for one in values):
            raise ValueError(
                f"{key}={short(value)} is not supported for {family.architecture}, only "
                + " or ".join(map(repr, neutral or (None,)))
            )
    return family
