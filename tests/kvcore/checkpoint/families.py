"""Tiny random models of every supported architecture, as transformers builds and saves them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

transformers = pytest.importorskip("transformers")

SHAPE = {
    "vocab_size": 104,
    "hidden_size": 40,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "intermediate_size": 72,
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "pad_token_id": None,  # SmolLM3's lies outside so small a vocabulary
    "attn_implementation": "eager",
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 100.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,  # of D / 2 = 6 pairs some stay, some mix, some slow
}
LISTED = ["sliding_attention", "full_attention", "sliding_attention", "sliding_attention"]
BIASES = {"attention_bias": True, "mlp_bias": True}
# What each model is called in a test, its architecture, and how it differs from SHAPE.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {}),
    "llama MHA tied": ("llama", {"num_key_value_heads": 4, "tie_word_embeddings": True}),
    "llama MQA": ("llama", {"num_key_value_heads": 1}),
    "llama with biases": ("llama", BIASES),
    "llama 3 scaling": ("llama", {"rope_parameters": LLAMA3}),
    "linear scaling": ("llama", {"rope_parameters": {"rope_type": "linear", "factor": 3.0}}),
    "mistral": ("mistral", {"sliding_window": 7}),
    "mistral MQA": ("mistral", {"sliding_window": 1, "num_key_value_heads": 1}),
    "mistral without a window": ("mistral", {"sliding_window": None}),
    "qwen2": ("qwen2", {}),
    "qwen2 MHA tied": ("qwen2", {"num_key_value_heads": 4, "tie_word_embeddings": True}),
    "qwen2 with a window": (
        "qwen2",
        {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 0},
    ),
    "qwen2 with a window from layer 1 on": (
        "qwen2",
        {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1},
    ),
    "qwen2 listed": (
        "qwen2",
        {"use_sliding_window": True, "sliding_window": 5, "layer_types": LISTED},
    ),
    "ministral": ("ministral", {"sliding_window": 5, "layer_types": LISTED}),
    "qwen3": ("qwen3", {}),
    "qwen3 listed": (
        "qwen3",
        {"use_sliding_window": True, "sliding_window": 3, "layer_types": LISTED[::-1]},
    ),
    "qwen3 MQA tied": ("qwen3", {"num_key_value_heads": 1, "tie_word_embeddings": True}),
    "qwen3 with biases": ("qwen3", {"attention_bias": True}),
    "smollm3": ("smollm3", {}),
    "smollm3 listed": ("smollm3", {"no_rope_layers": [0, 1, 1, 0], "tie_word_embeddings": False}),
    "smollm3 with a window where there is no RoPE": (
        "smollm3",
        {"use_sliding_window": True, "sliding_window": 5, "no_rope_layer_interval": 2},
    ),
    "smollm3 with biases": ("smollm3", {**BIASES, "no_rope_layer_interval": 2}),
}


def random_model(case: str, **more: Any) -> "transformers.PreTrainedModel":
    """Every number drawn at random, norms and biases too, which transformers starts at 1 and 0."""
    kind, changes = CASES[case]
    config = transformers.AutoConfig.for_model(kind, **(SHAPE | changes | more))
    model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    rng = torch.Generator().manual_seed(sum(case.encode()))
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            drawn = torch.randn(tensor.shape, generator=rng)
            if name.endswith("norm.weight"):
                tensor.copy_(1 + 0.3 * drawn)
            elif name.endswith("bias"):
                tensor.copy_(0.7 * drawn)
            else:
                tensor.copy_(drawn * (3.0 if "embed" in name else 1.5) / tensor.shape[-1] ** 0.5)
    return model


def save(model: "transformers.PreTrainedModel", folder: Path, **options: Any) -> Path:
    model.save_pretrained(folder, **options)
    return folder


def read_in_fp32(folder: Path) -> "transformers.PreTrainedModel":
    """A saved folder as transformers itself reads and upcasts it."""
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()


@torch.inference_mode()
def their_logits(model: "transformers.PreTrainedModel", ids: list[int]) -> np.ndarray:
    """Logits (n, V) at every position, without a cache."""
    return model(torch.tensor([ids]), use_cache=False).logits[0].float().numpy()
