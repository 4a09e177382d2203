"""kv.matrix: Q·Kᵀ of one layer and head, in the seven steps of the page /why-not-q."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_shapes, require_text
from ui.figures.hold import Hold
from ui.figures.labels import Label, sent
from ui.figures.pack import pack

Floats = NDArray[np.float32]

STAGES: Final = range(1, 8)

# What the page must say, in the visitor's language. Slots in braces are filled in the browser.
TEXT: Final = (
    "label",  # names the figure for a screen reader
    "help",  # how the keys work, for a screen reader
    "hint",  # under the figure while no cell is chosen
    "cell",  # {query} {query_pos} {key} {key_pos} {value}, and {score} if wanted
    "strip",  # {letter} {token} {pos} {dim} {value}: one value of a barcode
    "masked",  # stands for a value that may not be looked at
    "empty",  # stands for a value that is not computed yet
    "scores",  # titles of the two scales
    "weights",
    "as_table",  # opens the table behind the picture
    "space",  # what a screen reader says for the mark of one
)


class Cell(NamedTuple):
    """The chosen cell: positions of its query and its key."""

    row: int
    col: int


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """What step 7 has deleted: all old Q, the K of one position, the V of one position."""

    q: bool = False
    k: int | None = None
    v: int | None = None


def matrix_block(
    *,
    tokens: Sequence[Label],
    q: Floats,
    k: Floats,
    v: Floats,
    scores: Floats,
    mask: NDArray[np.bool_],
    weights: Floats,
    z: Floats,
    stage: int,
    deleted: Deleted | None = None,
    text: Mapping[str, str],
    cell: Cell | None = None,
    hold: Hold = "free",
) -> bytes:
    """Pack one layer and head of a run of S tokens.

    q, k, v, z are (S, D); scores (before the mask), mask (True = may attend) and weights (S, S).
    `stage` is 1 to 7 and changes emphasis only: with the same key and tokens the picture stays
    where it is. `text` holds the strings listed in TEXT, and optionally "caption". `cell` is
    chosen at first; `hold` says by whom. ValueError when shapes disagree or a string is missing.
    """
    n_tokens, dim = len(tokens), q.shape[-1]
    _check(stage, text, n_tokens)
    require_shapes(
        f"{n_tokens} tokens with head_dim {dim}",
        ("q", q, (n_tokens, dim)),
        ("k", k, (n_tokens, dim)),
        ("v", v, (n_tokens, dim)),
        ("z", z, (n_tokens, dim)),
        ("scores", scores, (n_tokens, n_tokens)),
        ("mask", mask, (n_tokens, n_tokens)),
        ("weights", weights, (n_tokens, n_tokens)),
    )
    meta = {
        "tokens": sent(tokens),
        "stage": stage,
        "deleted": asdict(deleted or Deleted()),
        "text": dict(text),
        "cell": cell,
        "hold": hold,
    }
    return pack(meta, q=q, k=k, v=v, z=z, scores=scores, mask=mask, weights=weights)


def _check(stage: int, text: Mapping[str, str], n_tokens: int) -> None:
    if n_tokens == 0:
        raise ValueError("0 tokens make no matrix: give at least 1")
    if stage not in STAGES:
        raise ValueError(f"stage={stage} is not one of the {len(STAGES)} steps: give 1 to 7")
    require_text(text, TEXT)
