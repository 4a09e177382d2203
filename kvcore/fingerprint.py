"""A model's fingerprint: equal for equal config and weights, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain

import torch
from torch import Tensor

from kvcore.model import Transformer

DERIVED = {"frequencies", "cut", "half_weight"}  # from the others, as suits a machine


def fingerprint(model: Transformer) -> str:
    """SHA-256 over the config and every weight, in hexadecimal.

    A matrix that serves twice, as a tied embedding does, is read once.
    """
    digest = sha256(repr(model.config).encode())
    read: set[int] = set()
    for name, tensor in _weights(model):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        if tensor.data_ptr() not in read:
            read.add(tensor.data_ptr())
            digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _weights(model: Transformer) -> Iterator[tuple[str, Tensor]]:
    for name, module in model.named_modules():
        for key, value in chain(module.named_buffers(recurse=False), vars(module).items()):
            if isinstance(value, Tensor) and key not in DERIVED:
                yield f"{name}.{key}", value
