"""The result of a run that is wrong on purpose, beside the right one. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvcore.study.compare import Change, max_gap
from kvcore.study.whatif.specs import WhatIf


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class WhatIfResult:
    """The right run and the wrong one over the same tokens, and what the wrong one writes alone.

    Step 0 is the prefill of `prompt_ids`; each later step feeds the token that the right run chose,
    to both, so that the logits of a step answer the same text. S is the number of tokens fed.
    """

    spec: WhatIf
    prompt_ids: tuple[int, ...]
    right: np.ndarray  # (n, V) logits of each step, read-only
    wrong: np.ndarray  # (n, V) of the wrong run, fed the same tokens
    written: tuple[int, ...]  # (n,) what the wrong run writes when it follows its own choices
    change: Change  # (L, S) of K after RoPE and of V, as attention was given them in the last step

    @property
    def gaps(self) -> tuple[float, ...]:
        """Largest absolute difference of any logit, for each step."""
        return tuple(max_gap(*step) for step in zip(self.right, self.wrong, strict=True))

    @property
    def right_ids(self) -> tuple[int, ...]:
        """The token that the right run chose in each step."""
        return tuple(int(i) for i in self.right.argmax(1))

    @property
    def wrong_ids(self) -> tuple[int, ...]:
        """The token that the wrong run would choose in each step, after the right run's text."""
        return tuple(int(i) for i in self.wrong.argmax(1))

    @property
    def first_difference(self) -> int | None:
        """The first step in which the two choose different tokens; None when there is none."""
        pairs = zip(self.right_ids, self.wrong_ids, strict=True)
        return next((step for step, (right, wrong) in enumerate(pairs) if right != wrong), None)
