"""From a view to its snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvcore import Decoder
from kvembed.contract import KEYS, LOCK_ALL
from kvembed.languages import DEFAULT
from ui.served import host
from ui.snapshot.page import document
from ui.snapshot.recording import record
from ui.views.block import block_of
from ui.views.resolved import ResolvedView, resolve

if TYPE_CHECKING:
    from kvembed.view import View


def snapshot(view: View, server: str = "", decoder: Decoder | None = None) -> str:
    """The recording of `view` as an HTML document that speaks every language of the site.

    It opens in the view's language, or in the reader's. With a `server`, it links to the view
    there. Runs the model as `block_for` does, with its ValueErrors.
    """
    of = resolve(view, view.lang or DEFAULT, decoder or host.ready(view.model))
    return snapshot_of(view, of, block_of(of), server)


def snapshot_of(view: View, of: ResolvedView, figure: tuple[str, bytes], server: str) -> str:
    """The same of a figure that is there already, such as the one on a visitor's page."""
    link = view.url(server) if server else ""
    locked = KEYS if LOCK_ALL in view.lock else view.lock
    made = record(of, *figure, locked)
    return document(of, made, lang=view.lang, link=link, locked=locked)
