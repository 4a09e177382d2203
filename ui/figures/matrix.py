"""kv.matrix: Q·Kᵀ of one layer and head, in the seven steps of the page /why-not-q."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from ui.figures.control import Control
from ui.figures.figure import Figure
from ui.figures.sheet import Row
from ui.figures.wording import keys_help
from ui.language.i18n import speaker
from ui.record.derive import attention
from ui.record.labels import name
from ui.record.record import Message, Record, write

STAGES: Final = range(1, 8)


class Cell(NamedTuple):
    """The chosen cell: positions of its query and its key."""

    row: int
    col: int


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """The deletions of step 7: all old Q, the K of one position, the V of one position."""

    q: bool = False
    k: int | None = None
    v: int | None = None


def matrix_block(
    record: Record,
    *,
    layer: int,
    head: int,
    stage: int,
    text: Mapping[str, str],
    deleted: Deleted | None = None,
    cell: Cell | None = None,
    control: Control = "free",
) -> bytes:
    """Pack a record with every query of one layer and head.

    `stage` is 1 to 7 and changes emphasis only: with the same key and tokens the picture stays
    where it is. `text` is what `words` gives. `cell` is chosen at first; `control` says by whom.
    ValueError for a stage, layer or head that there is not.
    """
    if stage not in STAGES:
        raise ValueError(f"stage={stage} is not one of the {len(STAGES)} steps: give 1 to 7")
    record.require(layer, head)
    state = {
        "layer": layer,
        "head": head,
        "stage": stage,
        "deleted": asdict(deleted or Deleted()),
        "cell": cell,
        "control": control,
    }
    return write(Message(record, state, dict(text)))


def words(lang: str, *, deleting: bool = False) -> dict[str, str]:
    """The figure's words. `deleting`: rows are struck out, and the numbers are from before."""
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


def rows(message: Message) -> Iterator[Row]:
    """The score is q·k / sqrt(D) before the mask; a masked cell has no weight, which is not 0."""
    yield "query_pos", "query", "key_pos", "key", "score", "masked", "weight"
    record, state, _ = message
    labels = [name(token) for token in record.tokens]
    of = attention(record, state["layer"], state["head"])
    for row, query in enumerate(labels):
        for col, key in enumerate(labels):
            seen = bool(of.mask[row, col])
            weight = of.weights[row, col] if seen else None
            yield row, query, col, key, of.scores[row, col], not seen, weight


FIGURE: Final = Figure(
    name="matrix", words=words, rows=rows, moved="view", timed=False, heights=(840, 561)
)
