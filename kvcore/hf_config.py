"""config.json of a Hugging Face folder to a ModelConfig."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kvcore.config import LinearScaling, Llama3Scaling, ModelConfig, RopeScaling
from kvcore.hf_families import family_of
from kvcore.hf_keys import Keys, json_object

NEEDED = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
)
FULL, SLIDING = "full_attention", "sliding_attention"

# What each rope_type reads besides rope_theta.
ROPE_TYPES = {
    "default": (),
    "linear": ("factor",),
    "llama3": (
        "factor",
        "low_freq_factor",
        "high_freq_factor",
        "original_max_position_embeddings",
    ),
}


def read_config(folder: str | Path) -> ModelConfig:
    """Read `config.json`; an absent optional key has the meaning transformers gives it.

    Raises ValueError naming the file, key and value of what is not supported or makes no model.
    """
    path = Path(folder) / "config.json"
    raw = json_object(path)
    try:
        return _model_config(raw)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _model_config(raw: dict[str, Any]) -> ModelConfig:
    family = family_of(raw)
    read = {*NEEDED, *family.optional}  # a key of another family means nothing in this one
    keys = Keys({key: raw[key] for key in raw if key in read}, family.optional)
    attention_bias = keys.flag("attention_bias")
    n_layers, n_heads = keys.whole("num_hidden_layers"), keys.whole("num_attention_heads")
    n_kv_heads = keys.whole("num_key_value_heads", absent=n_heads)
    if n_heads % n_kv_heads:
        raise keys.wrong("num_key_value_heads", f"must divide num_attention_heads={n_heads}")
    theta, scaling = _rope(keys)
    return ModelConfig(
        vocab_size=keys.whole("vocab_size"),
        dim=keys.whole("hidden_size"),
        n_layers=n_layers,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        head_dim=_head_dim(keys, n_heads),
        hidden_dim=keys.whole("intermediate_size"),
        max_seq_len=keys.whole("max_position_embeddings"),
        rope_theta=theta,
        rope_scaling=scaling,
        nope_layers=_nope_layers(keys, n_layers),
        window=_window(keys, n_layers),
        norm_eps=keys.positive("rms_norm_eps"),
        qkv_bias=family.qkv_bias or attention_bias,
        out_bias=attention_bias,
        mlp_bias=keys.flag("mlp_bias"),
        qk_norm=family.qk_norm,
        tied=keys.flag("tie_word_embeddings"),
    )


def _head_dim(keys: Keys, n_heads: int) -> int:
    dim = keys.whole("hidden_size")
    if keys.get("head_dim") is None and dim % n_heads:
        raise keys.wrong(
            "hidden_size", f"must be a multiple of num_attention_heads={n_heads}, or head_dim given"
        )
    return keys.whole("head_dim", absent=dim // n_heads)


def _rope(keys: Keys) -> tuple[float, RopeScaling | None]:
    """theta and scaling. transformers 5 writes both under rope_parameters; before it was
    rope_theta and rope_scaling."""
    old, new = keys.get("rope_scaling"), keys.get("rope_parameters")
    if old and new and old != new:
        raise keys.wrong("rope_scaling", "differs from rope_parameters: keep one of them")
    name, rope = ("rope_scaling", old) if old else ("rope_parameters", new or {})
    if not isinstance(rope, dict):
        raise keys.wrong(name, "must be an object")
    inner = Keys(
        rope,
        {
            "rope_type": rope.get("type", "default"),
            "rope_theta": keys.get("rope_theta"),
            "original_max_position_embeddings": keys.get("max_position_embeddings"),
        },
        inside=name,
    )
    kind = inner.get("rope_type")
    if not isinstance(kind, str) or kind not in ROPE_TYPES:
        raise inner.wrong("rope_type", f"is not supported, only {', '.join(ROPE_TYPES)}")
    for key, value in rope.items():
        plain = key in ("type", "rope_type", "rope_theta", *ROPE_TYPES[kind])
        if not plain and (key, value) != ("partial_rotary_factor", 1.0):
            raise inner.wrong(key, f"is not supported for rope_type {kind!r}")
    return inner.positive("rope_theta"), _scaling(kind, inner)


def _scaling(kind: str, rope: Keys) -> RopeScaling | None:
    match kind:
        case "linear":
            return LinearScaling(factor=rope.positive("factor"))
        case "llama3":
            return Llama3Scaling(
                factor=rope.positive("factor"),
                low_freq_factor=rope.positive("low_freq_factor"),
                high_freq_factor=rope.positive("high_freq_factor"),
                original_max_seq_len=rope.whole("original_max_position_embeddings"),
            )
    return None


def _nope_layers(keys: Keys, n_layers: int) -> tuple[int, ...]:
    flags = keys.get("no_rope_layers")
    if flags is None:
        if keys.get("no_rope_layer_interval") is None:
            return ()
        interval = keys.whole("no_rope_layer_interval")
        return tuple(range(interval - 1, n_layers, interval))
    if not _is_list_of(flags, (0, 1), n_layers):
        raise keys.wrong("no_rope_layers", f"must be {n_layers} times 0 or 1")
    return tuple(layer for layer, turns in enumerate(flags) if not turns)


def _window(keys: Keys, n_layers: int) -> int | None:
    """The window of all layers; like ours, `sliding_window` counts the token itself."""
    size = None if keys.get("sliding_window") is None else keys.whole("sliding_window")
    if keys.reads("use_sliding_window") and not keys.flag("use_sliding_window"):
        size = None
    kinds = keys.get("layer_types")
    if kinds is None:
        first = keys.whole("max_window_layers", least=0, absent=0)
        n_full = n_layers if size is None else min(first, n_layers)
    elif _is_list_of(kinds, (FULL, SLIDING), n_layers):
        n_full = kinds.count(FULL)
    else:
        raise keys.wrong("layer_types", f"must be {n_layers} times {FULL} or {SLIDING}")
    if n_full == n_layers:
        return None
    if n_full:
        raise keys.wrong(
            "max_window_layers" if kinds is None else "layer_types",
            f"gives {n_full} of {n_layers} layers full attention and the others a window: only "
            "one kind for all layers is supported",
        )
    if size is None:
        raise keys.wrong("layer_types", "asks for a window, but no sliding_window is in use")
    return size


def _is_list_of(value: Any, items: tuple[Any, ...], length: int) -> bool:
    return isinstance(value, list) and len(value) == length and all(x in items for x in value)
