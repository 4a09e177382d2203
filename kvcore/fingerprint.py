"""A model's fingerprint: equal for equal config and weights, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import torch
from torch import Tensor

from kvcore.linear import Linear
from kvcore.model import Transformer

DERIVED = {"frequencies"}  # from the config


def fingerprint(model: Transformer) -> str:
    """SHA-256 over the config and every weight, in hexadecimal.

    The same however the matrices are laid out for this machine. A tied head is the embedding, which
    is read once.
    """
    digest = sha256(repr(model.config).encode())
    for name, tensor in _weights(model):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        if not (model.config.tied and name == "head.weight"):
            digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _weights(model: Transformer) -> Iterator[tuple[str, Tensor]]:
    for name, module in model.named_modules():
        if isinstance(module, Linear):
            yield f"{name}.weight", module.weight
        for key, value in vars(module).items():
            if isinstance(value, Tensor) and key not in DERIVED:
                yield f"{name}.{key}", value
