"""A folder in the Hugging Face layout (config.json, *.safetensors) to a Transformer."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import torch

from kvcore.checkpoint.buffers import check_buffer, is_buffer
from kvcore.checkpoint.hf_config import read_config
from kvcore.checkpoint.stored import StoredTensors, safetensors_files
from kvcore.model.transformer import Transformer
from kvcore.records.config import ModelConfig

__all__ = ["expected_shapes", "load_transformer", "read_config"]

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"

_LOG = logging.getLogger(__name__)


def load_transformer(
    folder: str | Path, *, dtype: torch.dtype = torch.float32, fast: bool = False
) -> Transformer:
    """Check every tensor's name, shape and type against `config.json`, then build the model.

    Raises ValueError naming the file or tensor that is missing, unexpected, misshapen or damaged.
    Where the tensors and `config.json` differ as transformers lets them, the tensors count, and the
    log says so. Tensors are read and converted to `dtype` one by one; no file stays mapped. `fast`:
    see `WeightReader`.
    """
    folder = Path(folder)
    config = read_config(folder)
    tensors = StoredTensors(safetensors_files(folder), dtype)
    if config.n_layers > len(tensors):  # before a list of a million names is made
        raise ValueError(
            f"{folder}: {len(tensors)} tensors are too few for num_hidden_layers={config.n_layers}"
        )
    config = _as_stored(config, tensors)
    expected = expected_shapes(config)
    missing = [name for name in expected if name not in tensors]
    if missing:
        raise ValueError(
            f"{folder}: {len(missing)} of {len(expected)} tensors are missing, first {missing[0]}"
        )
    for name, shape in expected.items():
        tensors.check(name, shape)
    for name in tensors:
        if is_buffer(name):
            check_buffer(config, tensors, name)
        elif name not in expected and name != HEAD:  # of a tied model: compared by now
            raise ValueError(f"{tensors.place(name)} has no place in what config.json describes")
    return Transformer(config, tensors, fast=fast)


def expected_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of the model's checkpoint."""
    c = config
    q, kv = c.n_heads * c.head_dim, c.n_kv_heads * c.head_dim
    linears = {
        "self_attn.q_proj": ((q, c.dim), c.qkv_bias),
        "self_attn.k_proj": ((kv, c.dim), c.qkv_bias),
        "self_attn.v_proj": ((kv, c.dim), c.qkv_bias),
        "self_attn.o_proj": ((c.dim, q), c.out_bias),
        "mlp.gate_proj": ((c.hidden_dim, c.dim), c.mlp_bias),
        "mlp.up_proj": ((c.hidden_dim, c.dim), c.mlp_bias),
        "mlp.down_proj": ((c.dim, c.hidden_dim), c.mlp_bias),
    }
    layer: dict[str, tuple[int, ...]] = {
        "input_layernorm.weight": (c.dim,),
        "post_attention_layernorm.weight": (c.dim,),
    }
    for name, (shape, biased) in linears.items():
        layer[f"{name}.weight"] = shape
        if biased:
            layer[f"{name}.bias"] = shape[:1]
    if c.qk_norm:
        layer |= {f"self_attn.{x}_norm.weight": (c.head_dim,) for x in "qk"}
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (c.vocab_size, c.dim)}
    for i in range(c.n_layers):
        shapes |= {f"model.layers.{i}.{name}": shape for name, shape in layer.items()}
    shapes["model.norm.weight"] = (c.dim,)
    if not c.tied:
        shapes["lm_head.weight"] = (c.vocab_size, c.dim)
    return shapes


def _as_stored(config: ModelConfig, tensors: StoredTensors) -> ModelConfig:
    """The config of what the files hold, where that may differ from config.json.

    A tied model may carry its one matrix under either name, or under both. Where the two differ it
    is not tied, whatever config.json says; so transformers. More rows than `vocab_size` come from
    tokens that were added.
    """
    if config.tied and HEAD in tensors and EMBEDDING not in tensors:
        tensors.rename(HEAD, EMBEDDING)
    rows = tensors.shape(EMBEDDING)[:1] if EMBEDDING in tensors else ()
    if rows > (config.vocab_size,):
        _LOG.warning(
            "%s has %d rows, config.json says vocab_size=%d: all rows are used",
            *(tensors.place(EMBEDDING), *rows, config.vocab_size),
        )
        config = replace(config, vocab_size=rows[0])
    if config.tied and HEAD in tensors:
        for name in (EMBEDDING, HEAD):
            tensors.check(name, (config.vocab_size, config.dim))
        table, head = tensors[EMBEDDING], tensors[HEAD]
        if not torch.equal(table, head):
            _LOG.warning(
                "%s differs from %s by up to %g: it is used, and the model is not tied, though "
                "config.json says tie_word_embeddings",
                *(tensors.place(HEAD), EMBEDDING, (table - head).abs().max().item()),
            )
            config = replace(config, tied=False)
    return config
