"""config.json of a Hugging Face folder to a ModelConfig."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvcore.checkpoint.hf_families import FULL, SLIDING, family_of
from kvcore.checkpoint.hf_keys import Keys
from kvcore.records.config import LinearScaling, Llama3Scaling, ModelConfig, RopeScaling
from kvcore.text.json_file import json_object

NEEDED = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
)

ORIGINAL = "original_max_position_embeddings"
ROPE_TYPES = ("default", "linear", "llama3")
PARTIAL = "partial_rotary_factor"


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
    nope_layers = _nope_layers(keys, n_layers)
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
        nope_layers=nope_layers,
        window=_windows(keys, n_layers, nope_layers),
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
    rope_theta and rope_scaling, which it still reads, and no rope_parameters beside them."""
    name = "rope_scaling" if keys.get("rope_scaling") else "rope_parameters"
    rope = keys.get(name) or {}
    if not isinstance(rope, dict):
        raise keys.wrong(name, "must be an object")
    trained_on = keys.get(ORIGINAL)  # beside the object it stands for the one in it
    if trained_on is not None:
        rope = rope | {ORIGINAL: trained_on}
    for key, value in rope.items():
        if isinstance(value, dict):
            raise keys.wrong(name, f"is not supported: {key} has an object of its own")
    inner = Keys(
        rope,
        {
            "rope_type": rope.get("type", "default"),
            "rope_theta": keys.get("rope_theta"),
            ORIGINAL: keys.get("max_position_embeddings"),
            PARTIAL: keys.get(PARTIAL),
        },
        inside=name,
    )
    kind = inner.get("rope_type")
    if not isinstance(kind, str) or kind not in ROPE_TYPES:
        raise inner.wrong("rope_type", f"is not supported, only {', '.join(ROPE_TYPES)}")
    if kind != "default" and inner.get(PARTIAL) not in (None, 1):  # without scaling it is not read
        raise inner.wrong(PARTIAL, f"is not supported for rope_type {kind!r}")
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
                original_max_seq_len=rope.whole(ORIGINAL),
            )
    return None


def _nope_layers(keys: Keys, n_layers: int) -> tuple[int, ...]:
    flags = keys.get("no_rope_layers")
    if flags is None:
        if keys.get("no_rope_layer_interval") is None:
            return ()
        interval = keys.whole("no_rope_layer_interval")
        return tuple(range(interval - 1, n_layers, interval))
    used = flags[:n_layers] if isinstance(flags, list) else flags  # a longer list is none the worse
    if not _is_list_of(used, (0, 1), n_layers):
        raise keys.wrong("no_rope_layers", f"must be {n_layers} times 0 or 1")
    return tuple(layer for layer, turns in enumerate(used) if not turns)


def _windows(
    keys: Keys, n_layers: int, nope_layers: Sequence[int]
) -> int | tuple[int | None, ...] | None:
    """The window of all layers, or of each; like ours, `sliding_window` counts the token itself."""
    kinds, without_rope = keys.get("layer_types"), keys.reads("no_rope_layers")
    switched_on = keys.flag("use_sliding_window") or not keys.reads("use_sliding_window")
    # What SmolLM3's list says counts with the switch and without.
    used = switched_on or (without_rope and kinds is not None)
    given = used and keys.get("sliding_window") is not None
    sliding: Sequence[int] = ()
    if kinds is not None:
        if not _is_list_of(kinds, (FULL, SLIDING), n_layers):
            raise keys.wrong("layer_types", f"must be {n_layers} times {FULL} or {SLIDING}")
        sliding = [layer for layer, kind in enumerate(kinds) if kind == SLIDING]
        if sliding and not given:
            raise keys.wrong("layer_types", "asks for a window, but no sliding_window is in use")
    elif given and without_rope:
        sliding = nope_layers
    elif given:
        first = keys.whole("max_window_layers", least=0, absent=0)
        sliding = range(min(first, n_layers), n_layers)
    if not sliding:
        return None
    size = keys.whole("sliding_window", why=": a token sees itself; null is no window")
    if len(sliding) == n_layers:
        return size
    return tuple(size if layer in sliding else None for layer in range(n_layers))


def _is_list_of(value: Any, items: tuple[Any, ...], length: int) -> bool:
    return isinstance(value, list) and len(value) == length and all(x in items for x in value)
