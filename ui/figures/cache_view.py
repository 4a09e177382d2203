"""kv.cache_view: a text's tokens with the cache under them, while the text is being typed."""

from collections.abc import Iterator, Mapping
from typing import Final

from ui.figures.figure import Figure
from ui.figures.sheet import Row
from ui.figures.wording import one_value
from ui.language.i18n import speaker
from ui.record.derive import attention, lengths
from ui.record.labels import name
from ui.record.record import Message, Record, write


def cache_view_block(
    record: Record, *, layer: int, head: int, run: str, text: Mapping[str, str]
) -> bytes:
    """Pack the cache after one step, the only one of `record`, which has q of its last token.

    Every layer whose rows are carried is drawn, the chosen one first; where some are not, the
    lengths of K are drawn of each. `run` names the step: a new one is played, the same one in
    another layer or head is shown at once. `text` is what `words` gives. ValueError for another
    number of steps, and for a layer or head that there is not.
    """
    if len(record.steps) != 1:
        raise ValueError(f"{len(record.steps)} steps: the cache after one is drawn, give it alone")
    record.require(layer, head)
    state = {"layer": layer, "head": head, "run": run}
    return write(Message(record, state, dict(text)))


def words(lang: str) -> dict[str, str]:
    """The figure's words in a language; slots in braces are filled in the browser."""
    _ = speaker(lang)
    return {
        "label": _("The cache of the chosen layer, a column for each token"),
        "help": _(
            "Left and right go from token to token, down and up through the numbers of its "
            "barcodes, Page Down and Page Up from barcode to barcode."
        ),
        "hint": _(
            "Point at a token to read how much the newest one looks at it, or at a barcode to read "
            "its numbers."
        ),
        "weight": _(
            "query ‘{query}’ ({query_pos}) · key ‘{key}’ ({key_pos}) · layer {layer}, head {head}: "
            "weight {value}"
        ),
        "value": one_value(lang),
        "values": _("Every number that ‘{token}’ ({pos}) left"),
        "barcode": _("{letter} · layer {layer}, kv head {kv_head}"),
        "query": _("q of head {head}"),
        "kv_head": _("k and v of kv head {kv_head}"),
        "layer": _("layer {layer}"),
        "stills": _("The way of the newest token, in four stills"),
        "made": _("It makes one q, one k, one v"),
        "reach": _("Its q meets every k"),
        "mix": _("The weights mix every v into z"),
        "gone": _("q is gone; k and v stay"),
        "replay": _("Play again"),
        "dropped": _("Fell away: {tokens}"),
        "token": _("‘{text}’"),
        "counts": _("Tokens reused: {reused}. Tokens computed: {computed}."),
        "reused": _("tokens reused"),
        "computed": _("tokens computed"),
        "held": _("held in the cache"),
        "ms": _("milliseconds"),
        "next": _("What may come next"),
        "legend_weight": _("weight"),
        "legend_minimap": _("length of k in every layer, against the longest there"),
        "legend_masked": _("later tokens: out of reach"),
        "legend_new": _("new in this step"),
        "kept": _("reused"),
        "as_table": _("The same as a table"),
        "space": _("space"),
    }


def rows(message: Message) -> Iterator[Row]:
    """How much the newest token looks at each one held, and how long its K is in every layer.

    The likeliest next tokens, best first, stand at the position that one of them would take.
    """
    record, state, _ = message
    (step,) = record.steps
    norms = lengths(record)  # (S, L)
    layers = [f"k_length_layer_{layer}" for layer in range(norms.shape[1])]
    weights = attention(record, state["layer"], state["head"]).weights[-1]  # (S,)
    yield "kind", "pos", "token", "reused", "weight", *layers, "probability"
    for pos, token in enumerate(record.tokens):
        yield "held", pos, name(token), pos < step.start, weights[pos], *norms[pos], None
    for each in step.next:
        nothing = [None] * (2 + len(layers))
        yield "next", len(record.tokens), name(each.label), *nothing, each.p


FIGURE: Final = Figure(
    name="cache_view", words=words, rows=rows, moved=None, timed=False, heights=(825, 1347)
)
