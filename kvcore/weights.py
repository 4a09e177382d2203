"""A folder in the Hugging Face layout (config.json, *.safetensors) to a Transformer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from kvcore.config import ModelConfig
from kvcore.hf_config import read_config
from kvcore.hf_keys import json_object
from kvcore.model import Transformer

__all__ = ["expected_shapes", "load_transformer", "read_config"]

READABLE = {"F64", "F32", "F16", "BF16"}


def load_transformer(
    folder: str | Path, *, dtype: torch.dtype = torch.float32, fast: bool = False
) -> Transformer:
    """Check every tensor's name, shape and type against `config.json`, then build the model.

    Raises ValueError naming the file or tensor that is missing, unexpected, misshapen or damaged.
    Tensors are read and converted to `dtype` one by one; no file stays mapped. `fast`: see
    `Parts`.
    """
    folder = Path(folder)
    config = read_config(folder)
    tensors = _Tensors(_safetensors_files(folder), dtype)
    if config.n_layers > len(tensors):  # before a list of a million names is made
        raise ValueError(
            f"{folder}: {len(tensors)} tensors are too few for num_hidden_layers={config.n_layers}"
        )
    expected = expected_shapes(config)
    missing = [name for name in expected if name not in tensors]
    if missing:
        raise ValueError(
            f"{folder}: {len(missing)} of {len(expected)} tensors are missing, first {missing[0]}"
        )
    for name in tensors:
        # A tied model may still carry the copy; old checkpoints carry the angles of RoPE.
        harmless = name == "lm_head.weight" or name.endswith("rotary_emb.inv_freq")
        if name not in expected and not harmless:
            raise ValueError(f"{folder}: tensor {name} has no place in what config.json describes")
    for name, shape in expected.items():
        tensors.check(name, shape)
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


class _Tensors(Mapping[str, Tensor]):
    """The tensors of some safetensors files, read when asked for, in `dtype`."""

    def __init__(self, files: list[Path], dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._file_of: dict[str, Any] = {}
        self._path_of: dict[str, Path] = {}
        for path in files:
            try:
                file = safe_open(path, framework="pt")
            except (SafetensorError, OSError) as error:
                raise ValueError(f"{path} is damaged or cut short: {error}") from error
            for name in file.keys():  # type: ignore[no-untyped-call]  # noqa: SIM118
                if name in self._file_of:
                    raise ValueError(f"{name} is in {self._path_of[name]} and in {path}: keep one")
                self._file_of[name], self._path_of[name] = file, path

    def check(self, name: str, shape: tuple[int, ...]) -> None:
        stored = self._file_of[name].get_slice(name)
        if tuple(stored.get_shape()) != shape:
            raise ValueError(
                f"{self._path_of[name]}: {name} has shape {tuple(stored.get_shape())}, "
                f"config.json asks for {shape}"
            )
        if stored.get_dtype() not in READABLE:
            raise ValueError(
                f"{self._path_of[name]}: {name} is stored as {stored.get_dtype()}, "
                f"only {', '.join(sorted(READABLE))} can be read"
            )

    def __getitem__(self, name: str) -> Tensor:
        # A file opened for one tensor: what was read from it leaves memory with the mapping, once
        # the tensor has been copied to where it stays.
        with safe_open(self._path_of[name], framework="pt") as file:
            tensor: Tensor = file.get_tensor(name)
            return tensor.to(self._dtype)

    def __contains__(self, name: object) -> bool:
        return name in self._file_of  # Mapping's own would read the tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._file_of)

    def __len__(self) -> int:
        return len(self._file_of)


def _safetensors_files(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        weight_map = json_object(index).get("weight_map")
        if not isinstance(weight_map, dict) or not weight_map:
            raise ValueError(f"{index} has no weight_map")
        files = sorted({folder / str(name) for name in weight_map.values()})
    elif (folder / "model.safetensors").is_file():
        files = [folder / "model.safetensors"]
    else:
        files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ValueError(f"{folder} has no *.safetensors file: a model folder needs its weights")
    for path in files:
        if not path.is_file():
            raise ValueError(f"{path} is missing, but {index.name} lists it")
    return files
