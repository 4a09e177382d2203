"""A model's fingerprint: equal for equal config and weights, and for nothing else."""

from __future__ import annotations

from hashlib import sha256

import torch

from kvcore.model.transformer import Transformer


def fingerprint(model: Transformer) -> str:
    """SHA-256 over the config and every weight, in hexadecimal.

    The same however the matrices are laid out for this machine.
    """
    digest = sha256(repr(model.config).encode())
    for name, tensor in model.weights():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
