"""Over how many texts rounding reaches the logits, and how far: exact, and in the fast mode.

The texts are stated and nobody chose among them: every passage of one length from the opening of
Moby-Dick and from the Chinese Peach Blossom Spring, and every word of the two, repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kvcore.bench.text import TEXT, TEXT_ZH
from kvcore.decoder import Decoder
from kvcore.engine.engine import Engine
from kvcore.study.compare import TOLERANCE, Verdict, max_gap, verify

WORDS = 16  # of a passage
TIMES = 16  # that a word is repeated


def texts() -> dict[str, list[str]]:
    """The texts by their kind."""
    english, chinese = TEXT.split(), [char for char in TEXT_ZH if char.isalpha()]
    found = {}
    for language, words, space in (("English", english, " "), ("Chinese", chinese, "")):
        passages = range(len(words) - WORDS + 1)
        found[f"{language} passages"] = [space.join(words[i : i + WORDS]) for i in passages]
        found[f"{language} words {TIMES} times"] = [
            space.join([word] * TIMES)
            for word in dict.fromkeys(word.strip(".,;:'").lower() for word in words)
        ]
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far rounding reached in the texts of one kind."""

    kind: str
    verdicts: tuple[Verdict, ...]  # of each text, fed token by token
    fast_gaps: tuple[float, ...]  # of each, read at once, the fast mode from the exact one

    @property
    def gap64(self) -> float | None:
        """The largest in fp64 of those that amplify rounding; None where none does."""
        gaps = [verdict.gap64 for verdict in self.verdicts if verdict.gap64 is not None]
        return float(np.max(gaps)) if gaps else None

    def __str__(self) -> str:
        gaps = [verdict.gap for verdict in self.verdicts]
        n_fast, n_red = _n_above(self.fast_gaps), sum(not each.equal for each in self.verdicts)
        in_fp64 = "" if self.gap64 is None else f", in fp64 {self.gap64:.1e}"
        return (
            f"{self.kind:26}{_n_above(gaps):>4} of {len(gaps)}, up to {np.max(gaps):.1e}{in_fp64}, "
            f"{n_red} unexplained; fast from exact {n_fast}, up to {np.max(self.fast_gaps):.1e}"
        )


def reach(exact: Decoder, fast: Decoder) -> Iterator[Reach]:
    """All texts of each kind in turn; those of which a tokenizer knows nothing are left out."""
    for kind, some in texts().items():
        encoded = [ids for ids in map(exact.tokenizer.encode, some) if ids]
        yield Reach(
            kind=kind,
            verdicts=tuple(judged(exact.engine, ids) for ids in encoded),
            fast_gaps=tuple(
                max_gap(exact.engine.recompute(ids)[0], fast.engine.recompute(ids)[0])
                for ids in encoded
            ),
        )


def judged(engine: Engine, ids: Sequence[int]) -> Verdict:
    """Feed a text token by token and judge all steps."""
    session = engine.session(capture=False)
    return verify(engine, [session.update(ids[:n]) for n in range(1, len(ids) + 1)])


def _n_above(gaps: Sequence[float]) -> int:
    return sum(not gap <= TOLERANCE for gap in gaps)
