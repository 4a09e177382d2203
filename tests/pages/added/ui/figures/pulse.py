"""kv.pulse: how much the newest token takes of each token that it sees."""

from collections.abc import Iterator, Mapping
from typing import Final

from ui.figures.figure import Figure
from ui.figures.sheet import Row
from ui.language.i18n import speaker
from ui.record.derive import attention
from ui.record.labels import name
from ui.record.record import Message, Record, write


def pulse_block(record: Record, *, layer: int, head: int, text: Mapping[str, str]) -> bytes:
    """Pack a record with the newest q of one layer and head."""
    record.require(layer, head)
    return write(Message(record, {"layer": layer, "head": head}, dict(text)))


def words(lang: str) -> dict[str, str]:
    """The figure's words in a language."""
    _ = speaker(lang)
    return {"caption": _("What the newest token takes of each")}


def rows(message: Message) -> Iterator[Row]:
    """One row for each token."""
    record, state, _ = message
    weights = attention(record, state["layer"], state["head"]).weights[-1]
    yield "pos", "token", "weight"
    for pos, (token, weight) in enumerate(zip(record.tokens, weights, strict=True)):
        yield pos, name(token), weight


FIGURE: Final = Figure(
    name="pulse", words=words, rows=rows, moved=None, timed=False, heights=(200, 200)
)
