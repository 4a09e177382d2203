"""Why a model failed, in a sentence that names nothing of this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ui.language.i18n import N_, _

_FAILURES: Final[Mapping[str, str]] = {
    "no pip": N_("The model comes through pip, which this server's Python does not have."),
    "download": N_("The model could not be downloaded: the network or the package index failed."),
    "checksum": N_("The download is not the file that this site expects, so it was not used."),
    "disk": N_("There is not enough room on this server's disk for the model."),
}
_UNREADABLE: Final = N_("The model could not be loaded from its folder.")


def failure(reason: str, say: Callable[[str], str] = _) -> str:
    """Why a model failed, for whoever asks: it names nothing of this machine."""
    return say(_FAILURES.get(reason, _UNREADABLE))
