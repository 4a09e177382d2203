"""The optimizer of the tiny decoder's matrices, against torch's own."""

import pytest
import torch
from torch import nn

from training.muon import Muon, orthogonal

SHAPES = {"tall": (48, 16), "wide": (16, 48), "square": (32, 32), "square again": (32, 32)}


def matrices(seed: int) -> list[nn.Parameter]:
    rng = torch.Generator().manual_seed(seed)
    return [nn.Parameter(torch.randn(shape, generator=rng)) for shape in SHAPES.values()]


def test_steps_are_those_of_torch_but_for_its_bf16() -> None:
    ours, theirs = matrices(0), matrices(0)
    optimizers = [
        Muon(ours, lr=0.02, weight_decay=0.3),
        torch.optim.Muon(theirs, lr=0.02, weight_decay=0.3, adjust_lr_fn="match_rms_adamw"),
    ]
    for step in range(5):
        gradients = matrices(seed=step + 1)
        for params, optimizer in zip((ours, theirs), optimizers, strict=True):
            for p, gradient in zip(params, gradients, strict=True):
                p.grad = gradient.data.clone()
            optimizer.step()
        for a, b, start in zip(ours, theirs, matrices(0), strict=True):
            moved = (b - start).norm()
            assert moved > 0.1
            assert (a - b).norm() < 0.02 * moved


def test_a_gradient_of_any_size_becomes_a_matrix_of_singular_values_near_one() -> None:
    for size in (1e-4, 1.0, 1e4):
        for p in matrices(3):
            [made] = orthogonal(size * p.data[None])
            values = torch.linalg.svdvals(made)
            assert values.min() > 0.6 and values.max() < 1.3


def test_a_matrix_out_of_use_is_named_as_the_fault() -> None:
    with pytest.raises(ValueError, match=r"a matrix \(48, 16\) without a gradient"):
        Muon(matrices(0), lr=0.1).step()
