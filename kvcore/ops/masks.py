"""The one visibility rule: positions in, mask out. Masks are never built from lengths."""

import torch
from torch import Tensor

from kvcore.records.config import Visibility


def visible(rule: Visibility, q_pos: Tensor, k_pos: Tensor) -> Tensor:
    """Which keys each query may attend to.

    q_pos (T,) and k_pos (S,) are absolute positions in any order; returns (T, S) bool, True where
    the query may attend to the key.
    """
    age = q_pos[:, None] - k_pos[None, :]  # (T, S)
    if not rule.causal:
        return torch.ones_like(age, dtype=torch.bool)
    seen = age >= 0
    if rule.window is not None:
        seen &= (age < rule.window) | (k_pos < rule.n_sink)
    return seen


def hiding(mask: Tensor) -> Tensor | None:
    """The additive mask of `attend`: 0 where `mask` is True, else -inf; None if it hides nothing.

    To add it takes a seventh of the time of choosing by the mask, and each layer does so.
    """
    return None if mask.all() else torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))


class Masks:
    """`visible` for one forward: computed again only where a layer's keys stand elsewhere."""

    def __init__(self, rule: Visibility, q_pos: Tensor) -> None:
        self.rule, self.q_pos = rule, q_pos
        self.k_pos: Tensor | None = None  # held, so that no other tensor can take its memory
        self.mask: Tensor = q_pos
        self.hidden: Tensor | None = None

    def over(self, k_pos: Tensor) -> tuple[Tensor, Tensor | None]:
        """The mask (T, S) over keys at `k_pos` (S,), and `hiding` of it."""
        if self.k_pos is None or not self.k_pos.is_set_to(k_pos):
            self.k_pos, self.mask = k_pos, visible(self.rule, self.q_pos, k_pos)
            self.hidden = hiding(self.mask)
        return self.mask, self.hidden
