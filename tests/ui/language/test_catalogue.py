"""One language never lacks what the other has."""

import re
import string

import pytest

from kvembed.languages import DEFAULT, LANGUAGES
from ui.language import catalogue, i18n

OTHERS = [lang for lang in LANGUAGES if lang != DEFAULT]
PAGES = sorted(path.stem for path in (i18n.TEXT / DEFAULT).glob("*.md"))


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", OTHERS)
def test_every_string_of_the_source_is_translated(lang: str) -> None:
    known = catalogue.read(lang)
    missing = [message.id for message in catalogue.extracted() if message.id not in known]
    assert not any(missing), "new strings: run `make messages`"
    assert not [message.id for message in catalogue.untranslated(known)]


@pytest.mark.parametrize("lang", OTHERS)
def test_the_catalogue_holds_nothing_that_the_source_has_not(lang: str) -> None:
    used = catalogue.extracted()
    gone = [message.id for message in catalogue.read(lang) if message.id not in used]
    assert not any(gone), "strings that are gone: run `make messages`"
    assert not catalogue.read(lang).obsolete


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_has_the_slots_of_its_original(lang: str) -> None:
    for message in catalogue.read(lang):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        for translation in catalogue.forms(message):
            assert slots(translation) <= slots(originals[-1]), originals
            assert slots(originals[0]) <= slots(translation), originals


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_the_same_sections_in_each_language(page: str, lang: str) -> None:
    assert list(i18n.sections(page, lang)) == list(i18n.sections(page, DEFAULT))


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize("page", PAGES)
def test_no_section_is_empty_in_one_language_only(page: str, lang: str) -> None:
    for name, text in i18n.sections(page, DEFAULT).items():
        assert bool(text) == bool(i18n.sections(page, lang)[name]), name


def test_each_language_has_the_same_pages() -> None:
    for lang in OTHERS:
        assert sorted(path.stem for path in (i18n.TEXT / lang).glob("*.md")) == PAGES


def test_chinese_is_chinese() -> None:
    for message in catalogue.read("zh"):
        words = re.sub(r"\{\w+[^}]*\}|:\w+\[|[^A-Za-z\u4e00-\u9fff]", "", str(message.id))
        if len(words) > 20:
            text = "".join(catalogue.forms(message))
            assert re.search("[\u4e00-\u9fff]", text), message.id


def test_a_section_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="no-such-section"):
        i18n.prose(PAGES[0], "no-such-section")
