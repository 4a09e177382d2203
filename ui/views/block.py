"""The block of bytes of a view: what the figure of its page is sent in that state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvcore import Decoder
from ui.served import host
from ui.views.pages import BY_NAME
from ui.views.resolved import ResolvedView, resolve

if TYPE_CHECKING:
    from kvembed.view import View


def block_for(view: View, lang: str, decoder: Decoder | None = None) -> tuple[str, bytes]:
    """The figure of a view and its block, as the browser gets them on that page in that state.

    The figure is matrix, cache_view, growth or race. What the view leaves out is as the page opens
    in `lang`. Without a `decoder`, the one of this server that the view names runs. Times are
    measured now, or were today. ValueError for a prompt that is empty or too long, for what is
    out of range, and for a model that is not on this machine.
    """
    return block_of(resolve(view, lang, decoder or host.ready(view.model)))


def block_of(of: ResolvedView) -> tuple[str, bytes]:
    """The same for a view that was read already."""
    page = BY_NAME[of.page]
    return page.figure, page.block(of)
