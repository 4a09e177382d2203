"""A Llama GGUF file to a folder in the Hugging Face layout: what is quantized becomes fp16.

GGUF (llama.cpp's format) stores the rows of Wq and Wk in another order and its tensors under other
names; both are undone here. One tensor at a time is in memory. Of SmolLM2 fp16 rounds away an
eighth at most of what quantization did, measured over all blocks; fp32 and bf16 become fp32.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, ReaderTensor, dequantize
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

CONTROL_TOKEN = 3  # GGUF's token type for <|endoftext|> and its like

WIDE = {GGMLQuantizationType.F32, GGMLQuantizationType.BF16}  # what fp16 does not hold
SAFETENSORS_TYPES = {"<f4": "F32", "<f2": "F16"}  # by numpy's names

TOP_NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def convert(gguf: Path, folder: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Write `folder`/model.safetensors, config.json and tokenizer files from a GGUF file.

    `progress` hears how many tensors are written, of how many. Raises ValueError for a GGUF file
    that is not a Llama with a SmolLM tokenizer.
    """
    report = progress or (lambda done, total: None)
    reader = GGUFReader(gguf)
    meta = {key: field.contents() for key, field in reader.fields.items()}
    _refuse_other_than_smollm(meta, gguf)
    tensors = sorted(reader.tensors, key=lambda tensor: int(tensor.data_offset))
    shapes = {_name(t.name): tuple(int(n) for n in reversed(t.shape)) for t in tensors}
    report(0, len(tensors))
    types = {_name(t.name): _type(t) for t in tensors}
    with (folder / "model.safetensors").open("wb") as out:
        _write_header(out, shapes, types)
        for done, tensor in enumerate(tensors, 1):
            out.write(_rows(tensor, meta).astype(_type(tensor), copy=False).data)
            report(done, len(tensors))
    tied = "lm_head.weight" not in shapes
    config = _config(meta, tied=tied) | {
        "torch_dtype": "float16" if "<f2" in types.values() else "float32"
    }
    _write_json(folder / "config.json", config)
    stop = sorted({meta["tokenizer.ggml.eos_token_id"], *_end_of_text(meta)})
    _write_json(
        folder / "generation_config.json",
        {"bos_token_id": meta["tokenizer.ggml.bos_token_id"], "eos_token_id": stop},
    )
    _write_tokenizer(folder, meta)


def unpermute(rows: NDArray[np.float32], n_heads: int) -> NDArray[np.float32]:
    """Rows of Wq or Wk (heads * D, C) from llama.cpp's order to Hugging Face's; same shape.

    RoPE turns pairs of numbers. llama.cpp has the two of a pair side by side (0 and 1, 2 and 3);
    Hugging Face has them half a head apart (0 and D/2, 1 and D/2 + 1).
    """
    paired = rows.reshape(n_heads, rows.shape[0] // n_heads // 2, 2, -1)  # (heads, D / 2, 2, C)
    return np.ascontiguousarray(paired.swapaxes(1, 2)).reshape(rows.shape)


def _rows(tensor: ReaderTensor, meta: dict[str, Any]) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = dequantize(tensor.data, tensor.tensor_type)
    if ".attn_q." in tensor.name:
        rows = unpermute(rows, meta["llama.attention.head_count"])
    elif ".attn_k." in tensor.name:
        rows = unpermute(rows, meta["llama.attention.head_count_kv"])
    return np.ascontiguousarray(rows)


def _type(tensor: ReaderTensor) -> str:
    """The type that it is written as, by numpy's name."""
    return "<f4" if tensor.tensor_type in WIDE else "<f2"


def _name(name: str) -> str:
    """blk.3.attn_q.weight -> model.layers.3.self_attn.q_proj.weight."""
    match name.split("."):
        case [top, "weight"] if top in TOP_NAMES:
            return f"{TOP_NAMES[top]}.weight"
        case ["blk", i, part, "weight"] if part in LAYER_NAMES:
            return f"model.layers.{i}.{LAYER_NAMES[part]}.weight"
    raise ValueError(f"GGUF tensor {name} has no place in a LlamaForCausalLM")


def _write_header(out: BinaryIO, shapes: dict[str, tuple[int, ...]], types: dict[str, str]) -> None:
    """The head of a safetensors file, so that tensors can follow without being held together.

    Layout: uint64 length, then that much JSON; offsets count from its end.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + np.dtype(types[name]).itemsize * math.prod(shape)
        kind = SAFETENSORS_TYPES[types[name]]
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % 64)  # the data then starts on a cache line
    out.write(struct.pack("<Q", len(text)) + text)


def _config(meta: dict[str, Any], *, tied: bool) -> dict[str, Any]:
    dim, n_heads = meta["llama.embedding_length"], meta["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": len(meta["tokenizer.ggml.tokens"]),
        "hidden_size": dim,
        "intermediate_size": meta["llama.feed_forward_length"],
        "num_hidden_layers": meta["llama.block_count"],
        "num_attention_heads": n_heads,
        "num_key_value_heads": meta["llama.attention.head_count_kv"],
        "head_dim": meta.get("llama.rope.dimension_count", dim // n_heads),
        "max_position_embeddings": meta["llama.context_length"],
        "rope_theta": float(meta["llama.rope.freq_base"]),
        # stored as float32, whose nearest short decimal is what the model was made with
        "rms_norm_eps": float(f"{meta['llama.attention.layer_norm_rms_epsilon']:.6g}"),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": tied,
        "bos_token_id": meta["tokenizer.ggml.bos_token_id"],
        "eos_token_id": meta["tokenizer.ggml.eos_token_id"],
    }


def _write_tokenizer(folder: Path, meta: dict[str, Any]) -> None:
    tokens = meta["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ", 1)) for merge in meta["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    # "smollm": every digit stands alone, then GPT-2's pattern over bytes
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in _control_tokens(meta)])
    tokenizer.save(str(folder / "tokenizer.json"))
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": tokens[meta["tokenizer.ggml.bos_token_id"]],
            "eos_token": tokens[meta["tokenizer.ggml.eos_token_id"]],
            "model_max_length": meta["llama.context_length"],
            "clean_up_tokenization_spaces": False,
        },
    )


def _control_tokens(meta: dict[str, Any]) -> Iterator[str]:
    kinds = meta["tokenizer.ggml.token_type"]
    for token, kind in zip(meta["tokenizer.ggml.tokens"], kinds, strict=True):
        if kind == CONTROL_TOKEN:
            yield token


def _end_of_text(meta: dict[str, Any]) -> list[int]:
    """Outside a chat the model ends a text with <|endoftext|>, which GGUF does not list as eos."""
    tokens = meta["tokenizer.ggml.tokens"]
    return [i for i, token in enumerate(tokens) if token == "<|endoftext|>"]


def _refuse_other_than_smollm(meta: dict[str, Any], gguf: Path) -> None:
    wanted = {
        "general.architecture": "llama",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
    }
    for key, value in wanted.items():
        if meta.get(key) != value:
            raise ValueError(f"{gguf}: {key}={meta.get(key)!r}, only {value!r} can be converted")


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
