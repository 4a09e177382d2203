"""The page while its model is fetched and loaded."""

from __future__ import annotations

import streamlit as st

from kvcore import Decoder
from kvcore.checkpoint.fetch import Progress
from ui.language.i18n import _
from ui.served import host
from ui.served.failure import failure
from ui.visit import state
from ui.visit.stop_page import stop_page

_POLL = 0.5  # seconds


def require_decoder() -> Decoder:
    """The model of this visit. Until it is ready, show how far it is, and stop the page here."""
    name = state.current().model
    if host.status(name).state == "ready":
        return host.decoder(name)
    if host.status(name).state == "absent" and host.is_here(name):
        host.start(name)
    busy = host.status(name).state in ("fetching", "loading")
    st.fragment(_panel, run_every=_POLL if busy else None)(name)
    stop_page()


def _panel(name: str) -> None:
    status = host.status(name)
    if status.state == "ready":
        st.rerun()
    elif status.state == "fetching":
        st.progress(*_fetching(status.progress))
    elif status.state == "loading":
        st.progress(0.95, _("The model is being loaded into memory…"))
    else:
        _offer(name, status)


def _offer(name: str, status: host.Status) -> None:
    if status.state == "failed":
        st.error(failure(status.reason))
        st.caption(_("What exactly is wrong is in the server's log."))
        label = _("Try again")
    else:
        st.write(
            _(
                "SmolLM2-135M-Instruct is a real model that people use. Its weights are not on "
                "this machine yet. They are fetched once, about 100 MB, and stay here."
            )
        )
        label = _("Fetch the model")
    if st.button(label, key="fetch"):
        host.start(name)
        st.rerun()


def _fetching(progress: Progress | None) -> tuple[float, str]:
    """How much of all the work is done, and what is being done."""
    stages = {
        "download": (0.0, 0.6, _("Downloading the model, {done} of {total} MB…")),
        "verify": (0.6, 0.65, _("Checking that the download is the right one…")),
        "convert": (0.65, 0.85, _("Unpacking the weights, {done} of {total} tensors…")),
        "write": (0.85, 0.95, _("Writing the model's folder…")),
    }
    if progress is None:
        return 0.0, _("Asking for the model…")
    start, end, text = stages[progress.stage]
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    unit = 1_000_000 if progress.stage == "download" else 1
    text = text.format(done=progress.done // unit, total=progress.total // unit)
    return start + (end - start) * share, text
