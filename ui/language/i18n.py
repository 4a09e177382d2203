"""The visitor's language: short strings from gettext catalogues, prose from Markdown files.

Which languages there are is kvembed/languages/. A msgid is the English string itself, written where
it is shown: `_("Tokens reused")`. The catalogue of another language is
ui/locale/CODE/LC_MESSAGES/site.po, compiled in memory when the server starts;
`python -m ui.language.catalogue` makes it, and brings it up to date after a string was added or
changed. Values go in named slots: `_("Layer {layer}").format(layer=3)`.

A page speaks the language of its visitor. What is made without one (a block, a snapshot) names its
language, `_ = speaker(lang)`, and needs no Streamlit.

Prose is assets/text/CODE/PAGE.md. A line `## NAME` starts a section and is not shown: headings
in the text begin at `###`. What stands before the first section has the name "".
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kvembed.languages import DEFAULT

ROOT: Final = Path(__file__).parents[2]
LOCALE: Final = ROOT / "ui" / "locale"
TEXT: Final = ROOT / "assets" / "text"

_KEY: Final = "site_language"
_SECTION: Final = re.compile(r"^## ([\w-]+)$", re.MULTILINE)


def language() -> str:
    """The language of the running script: each visitor's own, also in a fragment's rerun."""
    import streamlit as st  # only a page has a visitor
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return DEFAULT
    chosen: str = st.session_state.get(_KEY, DEFAULT)
    return chosen


def speak(lang: str) -> None:
    """Make `lang` the language of this visitor's runs from here on."""
    import streamlit as st

    st.session_state[_KEY] = lang


def _(message: str) -> str:
    """`message` in the visitor's language."""
    return translations(language()).gettext(message)


def speaker(lang: str) -> Callable[[str], str]:
    """The `gettext` of a language that is named, as `_` is a visitor's: call it `_`."""
    return translations(lang).gettext


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form that `n` things take in the visitor's language."""
    return translations(language()).ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark a string for the catalogue where it is defined; translate it with `_` where shown."""
    return message


def prose(page: str, section: str | None = None, lang: str | None = None) -> str:
    """Markdown of `page` in the visitor's language: one section, or with None the whole text.

    Raises KeyError for a section that the page does not have.
    """
    parts = sections(page, lang or language())
    if section is None:
        return "\n\n".join(part for part in parts.values() if part)
    if section not in parts:
        raise KeyError(f"{page}.md has no section {section!r}: it has {', '.join(parts)}")
    return parts[section]


def heading(page: str, section: str, lang: str | None = None) -> str:
    """The heading that a section begins with."""
    return prose(page, section, lang).partition("\n")[0].removeprefix("### ")


@cache
def sections(page: str, lang: str) -> Mapping[str, str]:
    """Every section of a page's prose by name, in order."""
    pieces = _SECTION.split((TEXT / lang / f"{page}.md").read_text(encoding="utf-8"))
    names = ["", *pieces[1::2]]
    return MappingProxyType(
        {name: text.strip() for name, text in zip(names, pieces[::2], strict=True)}
    )


@cache
def translations(lang: str) -> gettext.NullTranslations:
    """The catalogue of `lang`; English needs none, since a msgid is the English string."""
    path = LOCALE / lang / "LC_MESSAGES" / "site.po"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
