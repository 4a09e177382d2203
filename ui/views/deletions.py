"""Step 7 in words and numbers: what three deletions did to the logits of the last token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kvcore import Decoder
from ui.language.i18n import N_, speaker
from ui.language.units import gap
from ui.served import runs
from ui.views.tokens import quoted

WHAT_MOVED: Final = N_("Largest change of any logit of the next token.")


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """One deletion: what, the largest change of a logit, and the next tokens, as Markdown."""

    title: str
    gap: str
    tokens: str


def deletions(decoder: Decoder, ids: runs.Ids, pos: int, lang: str) -> list[Deleted]:
    """All old q; the k of position `pos`; its v."""
    _ = speaker(lang)
    labels = decoder.tokenizer.labels
    token = quoted(labels(ids)[pos], _)
    titles = {
        "q": _(":orange[q] of every old token"),
        "k": _(":blue[k] of {token}").format(token=token),
        "v": _(":green[v] of {token}").format(token=token),
    }
    results = []
    for rows in ("q", "k", "v"):
        found = runs.deletion(decoder, ids, rows, None if rows == "q" else pos)
        before, after = (
            quoted(labels([int(logits.argmax())], mid_text=True)[0], _)
            for logits in (found.before, found.after)
        )
        done = _("{n} vectors put to zero. Next token before: {before}, after: {after}")
        if rows == "q":
            done = _(
                "{n} vectors turned to NaN, which spoiled the rows of {spoiled} old tokens. Next "
                "token before: {before}, after: {after}"
            )
        said = done.format(n=found.n_vectors, spoiled=found.n_spoiled, before=before, after=after)
        results.append(Deleted(title=titles[rows], gap=gap(found.gap), tokens=said))
    return results
