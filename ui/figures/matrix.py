"""kv.matrix: Q·Kᵀ of one layer and head, in the seven steps of the page /why-not-q."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.figures.checks import require_shapes
from ui.figures.control import Control
from ui.figures.figure import Figure
from ui.figures.labels import Label, name, sent
from ui.figures.pack import pack
from ui.figures.record import Arrays, Meta
from ui.figures.sheet import Row
from ui.figures.wording import keys_help
from ui.language.i18n import speaker

Floats = NDArray[np.float32]

STAGES: Final = range(1, 8)


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
    control: Control = "free",
) -> bytes:
    """Pack one layer and head of a run of S tokens.

    q, k, v, z are (S, D); scores (before the mask), mask (True = may attend) and weights (S, S).
    `stage` is 1 to 7 and changes emphasis only: with the same key and tokens the picture stays
    where it is. `text` is what `words` gives. `cell` is
    chosen at first; `control` says by whom. ValueError when shapes disagree.
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
        "control": control,
    }
    return pack(meta, q=q, k=k, v=v, z=z, scores=scores, mask=mask, weights=weights)


def _check(stage: int, text: Mapping[str, str], n_tokens: int) -> None:
    if n_tokens == 0:
        raise ValueError("0 tokens make no matrix: give at least 1")
    if stage not in STAGES:
        raise ValueError(f"stage={stage} is not one of the {len(STAGES)} steps: give 1 to 7")


def words(lang: str, *, deleting: bool = False) -> dict[str, str]:
    """What it says. `deleting`: rows are struck out, and the numbers are from before."""
    _ = speaker(lang)
    before = _("The numbers are those of the run before anything was deleted.")
    return {
        "caption": before if deleting else "",
        "label": _("The matrix of queries and keys"),
        "help": keys_help(lang),
        "hint": _("Point at a cell to read it, click it to take it apart."),
        "cell": _("query ‘{query}’ ({query_pos}) · key ‘{key}’ ({key_pos}): {value}"),
        "strip": _("{letter} of ‘{token}’ ({pos}), dimension {dim}: {value}"),
        "masked": _("masked"),
        "empty": _("not computed yet"),
        "scores": _("score"),
        "weights": _("weight"),
        "as_table": _("The same as a table"),
        "space": _("space"),
    }


def cell_words(lang: str) -> dict[str, str]:
    """Words of one cell's arithmetic, with the slots that its numbers fill."""
    _ = speaker(lang)
    return {
        "title": _("Query {query} ({row}) against key {key} ({column}):"),
        "token": _("‘{text}’"),
        "stage": _("stage"),
        "number": _("number"),
        "value": _("value"),
        "dot": _("the {n} products, summed: :orange[q] · :blue[k]"),
        "score": _("divided by √{n}: the score"),
        "visible": _("may the query see the key?"),
        "yes": _("yes"),
        "no": _("no: masked"),
        "masked": _("the score after the mask"),
        "exp": _("exp({score} − {top}), the row's largest score after the mask"),
        "weight": _("divided by {total}, the row's sum: the weight"),
        "products": _("All {n} products"),
    }


def rows(meta: Meta, arrays: Arrays) -> Iterator[Row]:
    """The score is q·k / sqrt(D) before the mask; a masked cell has no weight, which is not 0."""
    yield "query_pos", "query", "key_pos", "key", "score", "masked", "weight"
    labels = [name(token) for token in meta["tokens"]]
    scores, mask, weights = arrays["scores"], arrays["mask"], arrays["weights"]
    for row, query in enumerate(labels):
        for col, key in enumerate(labels):
            seen = bool(mask[row, col])
            weight = weights[row, col] if seen else None
            yield row, query, col, key, scores[row, col], not seen, weight


FIGURE: Final = Figure(
    name="matrix", words=words, rows=rows, moved="view", timed=False, heights=(840, 561)
)
