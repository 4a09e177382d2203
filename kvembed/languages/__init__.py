"""The languages of the site and its plugins, a file each. A new one enrols itself here alone.

What the site says besides is in ui/locale/CODE/LC_MESSAGES/site.po and assets/text/CODE/.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kvembed.languages import en, zh
from kvembed.languages.language import Language

__all__ = ["DEFAULT", "LANGUAGES", "Language"]

LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {each.LANGUAGE.code: each.LANGUAGE for each in (en, zh)}
)
DEFAULT: Final = en.LANGUAGE.code
