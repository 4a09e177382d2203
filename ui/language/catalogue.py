"""Keep the catalogues in step with the source: `python -m ui.language.catalogue`.

Reads every string marked with `_`, `ngettext` or `N_` in ui/ and pages/, adds what is new to each
catalogue with an empty translation, drops what is gone, and says what is left to translate.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from kvembed.languages import DEFAULT, LANGUAGES
from ui.language.i18n import LOCALE, ROOT

SOURCES: Final = ("ui", "pages")
KEYWORDS: Final = {"_": None, "N_": None, "ngettext": (1, 2)}

_HEADER: Final = """\
msgid ""
msgstr ""
"Language: {lang}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def extracted() -> Catalog:
    """Every marked string of the source."""
    catalogue = Catalog(fuzzy=False)
    for folder in SOURCES:
        found = extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS)
        for name, _line, message, _comments, _context in found:
            catalogue.add(message, locations=[(f"{folder}/{Path(name).as_posix()}", 0)])
    return catalogue


def path_of(lang: str) -> Path:
    """The catalogue file of a language."""
    return LOCALE / lang / "LC_MESSAGES" / "site.po"


def read(lang: str) -> Catalog:
    """The catalogue as it lies on disk; of a new language, one with nothing in it."""
    if not path_of(lang).is_file():
        return Catalog(locale=lang)
    with path_of(lang).open("rb") as file:
        return read_po(file, locale=lang)


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with one that was only guessed."""
    return [
        message
        for message in catalogue
        if message.id and (message.fuzzy or not all(forms(message)))
    ]


def forms(message: Message) -> tuple[str, ...]:
    """Its translation, one text for each plural form of the language."""
    found = message.string if isinstance(message.string, tuple) else (message.string,)
    return tuple(str(text or "") for text in found)


def update(lang: str) -> Catalog:
    """Bring one language's catalogue in step with the source and write it back."""
    catalogue = read(lang)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    body = io.BytesIO()  # Babel's own header has the hour of every update in it
    write_po(body, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    header = _HEADER.format(lang=lang, plurals=catalogue.plural_forms)
    path_of(lang).parent.mkdir(parents=True, exist_ok=True)
    path_of(lang).write_text(header + body.getvalue().decode(), encoding="utf-8", newline="\n")
    return catalogue


def main() -> int:
    """Update every catalogue; exit status 1 while something is left to translate."""
    left = 0
    for lang in LANGUAGES:
        if lang == DEFAULT:
            continue
        missing = untranslated(update(lang))
        left += len(missing)
        print(f"{lang}: {len(missing)} strings left to translate in {path_of(lang)}")
        for message in missing:
            print(f"  {message.id}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
