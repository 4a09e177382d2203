"""In what the supported architectures differ: the one table of what their config.json means.

Every default is the one that transformers gives to a key that is absent; a test compares them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import repr as short
from typing import Any

_LOG = logging.getLogger(__name__)


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
    "partial_rotary_factor": None,
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
            "layer_types": None,  # or one name a layer, whatever use_sliding_window says
        },
    ),
}

FULL, SLIDING = "full_attention", "sliding_attention"

# What transformers reads of every architecture here, and the values that ask for nothing else than
# is computed. Every other key that a family does not read means nothing in it, as in transformers:
# experts and layers without RoPE of a Llama, say, or its window. (A Llama with a `sliding_window`
# reads all of the past there in one forward, and cached the window alone: that is the cache's.)
ONLY: Mapping[str, tuple[Any, ...]] = {
    "hidden_act": ("silu", "swish"),  # two names of one function
    "is_causal": (True,),
    "quantization_config": (None,),
}


def family_of(raw: Mapping[str, Any]) -> Family:
    """The family that `model_type`, or without it `architectures`, names.

    Raises ValueError for another one, and for a key that the family could not honour. Beside a
    `model_type`, `architectures` means nothing to transformers; the log says where the two differ.
    """
    kind, architectures = raw.get("model_type"), raw.get("architectures")
    listed = architectures if isinstance(architectures, list) else [architectures]
    if kind is None:
        named = [name for name, one in FAMILIES.items() if one.architecture in listed]
        if len(named) != 1:
            raise ValueError(
                f"without model_type, architectures={short(architectures)} is not supported, only "
                "one of " + ", ".join(family.architecture for family in FAMILIES.values())
            )
        kind = named[0]
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise ValueError(f"model_type={short(kind)} is not supported, only {', '.join(FAMILIES)}")
    family = FAMILIES[kind]
    bare = family.architecture.replace("ForCausalLM", "Model")  # saved without its output matrix
    if listed not in ([None], []) and family.architecture not in listed and bare not in listed:
        _LOG.warning(
            "config.json says architectures=%s, but model_type=%r: it is read as a %s",
            *(short(architectures), kind, family.architecture),
        )
    for key, values in ONLY.items():
        if key in raw and raw[key] not in values:
            raise ValueError(
                f"{key}={short(raw[key])} is not supported for {family.architecture}, only "
                + " or ".join(map(repr, values))
            )
    return family
