"""A config.json as it lies in a model folder."""

from typing import Any

from kvcore.records.config import ModelConfig


def hf_config(config: ModelConfig, **changes: Any) -> dict[str, Any]:
    """A plain Llama as transformers 4 writes it; a change to `...` leaves the key out."""
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
