"""A picture's words besides its figure: the page's title, and what of which model is shown."""

from __future__ import annotations

from kvembed.view import View
from ui.figures.matrix import STAGES
from ui.figures.registry import FIGURES
from ui.language.i18n import speaker
from ui.record.record import read
from ui.served import runs
from ui.served.machine import measured
from ui.served.models import KNOWN
from ui.still.frame import Caption
from ui.views import address
from ui.views.pages import BY_NAME, SITE
from ui.views.resolved import ResolvedView


def caption(view: View, of: ResolvedView, kind: str, block: bytes) -> Caption:
    """The caption of a view's picture, in the language that it was asked for."""
    _ = speaker(of.lang)
    name = of.decoder.name
    model = _(KNOWN[name]) if name in KNOWN else address.clean(name)[0]
    parts = [model]
    if "layer" in BY_NAME[view.page].parts:
        parts.append(_("layer {layer}").format(layer=of.layer))
        parts.append(_("head {head}").format(head=of.head))
    if kind == "matrix":
        parts.append(
            _("step {step} of {steps}").format(step=read(block).state["stage"], steps=len(STAGES))
        )
    if FIGURES[kind].timed:
        parts.append(measured(runs.today(), of.lang))
    text = of.decoder.tokenizer.decode(of.ids)
    return Caption(
        title=BY_NAME[view.page].title[of.lang],
        line="\N{NO-BREAK SPACE}· ".join(parts),
        description=_("‘{text}’").format(text=address.clean(text)[0]),
        lang=of.lang,
        site=_(SITE),
        cut=_("the last {shown} of {all} tokens"),
    )
