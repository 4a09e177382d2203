"""What the figures say in a language: one dictionary a figure, its slots in braces."""

from __future__ import annotations

from typing import Literal

from kvcore.figures import LatencyWords
from ui.language.i18n import speaker


def _keys(lang: str) -> str:
    _ = speaker(lang)
    return _("Arrow keys move from cell to cell, Home and End to the ends of a row.")


def _value(lang: str) -> str:
    _ = speaker(lang)
    return _(
        "{letter} of ‘{token}’ ({pos}) · layer {layer}, kv head {kv_head}, dimension {dim}: {value}"
    )


def matrix(lang: str, *, deleting: bool = False) -> dict[str, str]:
    """Words of kv.matrix. `deleting`: rows are struck out, and the numbers are from before."""
    _ = speaker(lang)
    before = _("The numbers are those of the run before anything was deleted.")
    return {
        "caption": before if deleting else "",
        "label": _("The matrix of queries and keys"),
        "help": _keys(lang),
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


def cell(lang: str) -> dict[str, str]:
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


def change(lang: str, letter: Literal["k", "v"]) -> dict[str, str]:
    """Words of kv.change for K or V."""
    _ = speaker(lang)
    return {
        "label": {
            "k": _("Which rows of K changed, layer by layer"),
            "v": _("Which rows of V changed, layer by layer"),
        }[letter],
        "help": _keys(lang),
        "hint": _("A row stands for a layer, the first on top; a column for a token."),
        "caption": {"k": _("K, layer by layer"), "v": _("V, layer by layer")}[letter],
        "legend": _("change, relative to the length of the row"),
        "cell": _("layer {layer} · ‘{token}’ ({pos}): changed by {value}"),
        "as_table": _("The same as a table"),
        "space": _("space"),
    }


def latency(lang: str) -> LatencyWords:
    """Words of the chart of milliseconds against position."""
    _ = speaker(lang)
    return LatencyWords(
        cached=_("with the cache"),
        recomputed=_("recomputed"),
        position=_("tokens in context"),
        milliseconds=_("milliseconds for one token"),
        hover="%{y:.1f} ms",
    )


def latency_alt(lang: str) -> str:
    """The same chart in one sentence, for a screen reader."""
    _ = speaker(lang)
    return _(
        "Line chart: milliseconds for one token against tokens in context, with the cache and "
        "recomputed; the band spans the repeats."
    )


def race(lang: str) -> dict[str, str]:
    """Words of kv.race."""
    _ = speaker(lang)
    return {
        "label": _("The race"),
        "cached": _("With the cache"),
        "recomputed": _("Recomputed"),
        "note_true": _("True speed: each token appears after the milliseconds that it took."),
        "note_slow": _("Slowed down {factor} times. The clock shows the measured seconds."),
        "note_fast": _("Sped up {factor} times. The clock shows the measured seconds."),
        "milliseconds": _("Under each token: its milliseconds. The first one is the prefill."),
        "clock": _("{seconds} s"),
        "total": _("{seconds} s in all"),
        "progress": _("tokens: {done} of {total}"),
        "state": _("{lane}: {done} of {total} tokens after {seconds} s."),
        "result": _("In all: {cached} s with the cache, {recomputed} s recomputed."),
        "controls": _("Player"),
        "play": _("Play"),
        "pause": _("Pause"),
        "restart": _("From the start"),
        "speed": _("Speed"),
        "speed_slow": _("1/{factor}"),
        "speed_true": _("true speed"),
        "speed_fast": _("{factor}×"),
        "space": _("space"),
    }


def growth(lang: str) -> dict[str, str]:
    """Words of kv.growth."""
    _ = speaker(lang)
    return {
        "label_recompute": _("The rows that recomputing computes"),
        "label_cached": _("The rows that the cached run computes"),
        "label_k": _("K in the cache"),
        "label_v": _("V in the cache"),
        "help": _keys(lang),
        "hint": _("Point at a cell to read it."),
        "recompute_prefill": _("Without a cache: all {rows} rows"),
        "recompute_decode": _("Without a cache: {rows} rows, {again} of them again"),
        "cached_prefill": _("With the cache: all {rows} rows too"),
        "cached_decode": _("With the cache: {fed} row"),
        "again": _("computed again for nothing"),
        "k": _("K of layer {layer}, kv head {kv_head}"),
        "v": _("V of layer {layer}, kv head {kv_head}"),
        "map": _("{held} rows held in each of {n_layers} layers, {fed} new"),
        "layer": _("layer {layer}"),
        "next": _("What may come next"),
        "more": _("K, V, all layers, and what may come next"),
        "chosen": _("chosen"),
        "cell": _("query ‘{query}’ ({query_pos}) · key ‘{key}’ ({key_pos}): {value}"),
        "strip": _value(lang),
        "masked": _("masked"),
        "empty": _("not computed yet"),
        "weights": _("weight"),
        "as_table": _("The same as a table"),
        "space": _("space"),
        "fed": _("tokens fed"),
        "held": _("held in the cache"),
        "read": _("read from the cache"),
        "ms": _("milliseconds"),
        "step_prefill": _(
            "Step {step} of {steps}: prefill feeds all {fed} tokens at once. "
            "The model chooses ‘{next}’."
        ),
        "step_decode": _(
            "Step {step} of {steps}: decode feeds ‘{token}’ at position {pos}, and {held} rows are "
            "held. The model chooses ‘{next}’."
        ),
        "controls": _("Player"),
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("One step back"),
        "forward": _("One step forward"),
        "scrub": _("Step"),
        "speed": _("Speed"),
    }


def shelf(lang: str) -> dict[str, str]:
    """Words of kv.shelf."""
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
        "value": _value(lang),
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
