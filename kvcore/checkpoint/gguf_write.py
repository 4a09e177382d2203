"""A Llama folder to a GGUF file, so that llama.cpp computes with the same weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from numpy.typing import NDArray
from safetensors import safe_open

from kvcore.checkpoint.gguf_convert import LAYER_NAMES, TOP_NAMES
from kvcore.checkpoint.weights import read_config


def write_gguf(folder: Path, path: Path, dtype: type[np.floating] = np.float32) -> Path:
    """Write `path` from a folder that `gguf_convert.convert` wrote; returns `path`.

    Matrices in `dtype`, rounded if need be; everything else in fp32, as llama.cpp wants it.
    """
    config = read_config(folder)
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(config.n_layers)
    writer.add_context_length(config.max_seq_len)
    writer.add_embedding_length(config.dim)
    writer.add_feed_forward_length(config.hidden_dim)
    writer.add_head_count(config.n_heads)
    writer.add_head_count_kv(config.n_kv_heads)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    _add_tokenizer(writer, folder)
    heads = {"q_proj": config.n_heads, "k_proj": config.n_kv_heads}
    with safe_open(folder / "model.safetensors", framework="numpy") as file:
        for name in file.keys():  # noqa: SIM118
            rows = file.get_tensor(name)
            part = name.split(".")[-2]
            if part in heads:
                rows = permute(rows, heads[part])
            writer.add_tensor(
                _gguf_name(name), rows.astype(dtype if rows.ndim == 2 else np.float32)
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def permute(rows: NDArray[np.float32], n_heads: int) -> NDArray[np.float32]:
    """Rows of Wq or Wk (heads * D, C) in llama.cpp's order; `gguf_convert.unpermute` undoes it."""
    halves = rows.reshape(n_heads, 2, rows.shape[0] // n_heads // 2, -1)  # (heads, 2, D / 2, C)
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows.shape)


def _add_tokenizer(writer: GGUFWriter, folder: Path) -> None:
    raw = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    ids: dict[str, int] = raw["model"]["vocab"]
    control = {token["content"] for token in raw["added_tokens"]}
    tokens = sorted(ids, key=lambda token: ids[token])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [TokenType.CONTROL if token in control else TokenType.NORMAL for token in tokens]
    )
    writer.add_token_merges([" ".join(merge) for merge in raw["model"]["merges"]])
    config = json.loads((folder / "config.json").read_text("utf-8"))
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])


def _gguf_name(name: str) -> str:
    """model.layers.3.self_attn.q_proj.weight -> blk.3.attn_q.weight."""
    for theirs, ours in TOP_NAMES.items():
        if name == f"{ours}.weight":
            return f"{theirs}.weight"
    _, _, i, part = name.removesuffix(".weight").split(".", 3)
    theirs = {ours: theirs for theirs, ours in LAYER_NAMES.items()}[part]
    return f"blk.{i}.{theirs}.weight"
