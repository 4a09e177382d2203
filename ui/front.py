"""Where the files lie that a browser gets. None of them knows Python, a server or a page."""

from typing import Final

from ui.language.i18n import ROOT

KVFRONT: Final = ROOT / "kvfront"
FIGURES: Final = KVFRONT / "figures"
