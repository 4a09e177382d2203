"""Snapshots: a view recorded in one HTML file, which needs no server and no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvcore import Decoder
from ui import host
from ui.i18n import DEFAULT
from ui.snapshot.page import document
from ui.snapshot.recording import record
from ui.views.asked import asked

if TYPE_CHECKING:
    from kvembed.view import View


def snapshot(view: View, server: str = "", decoder: Decoder | None = None) -> str:
    """The recording of `view` as an HTML document that speaks every language of the site.

    It opens in the view's language, or in the reader's. With a `server`, it links to the view
    there. Runs the model as `views.block` does, with its ValueErrors.
    """
    of = asked(view, view.lang or DEFAULT, decoder or host.ready(view.model))
    link = view.url(server) if server else ""
    return document(of, record(of), lang=view.lang, link=link, lock=view.lock)
