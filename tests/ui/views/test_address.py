"""The keys of an address: what is nonsense is left out and said, what is sense comes back."""

import pytest

from kvembed.contract import KEYS
from kvembed.languages import LANGUAGES
from ui.language.i18n import speaker
from ui.views.address import MAX_PROMPT_CHARS, State, clean, read, shown, write
from ui.views.openings import opening


def test_what_is_written_reads_back_the_same() -> None:
    state = State(
        lang="zh",
        prompt="床前明月光 & 50% = ?",
        model="mine",
        layer=29,
        head=8,
        step=3,
        view="k",
        lock=("prompt", "step"),
    )
    reading = read(write(state))
    assert State(**reading.values) == state
    assert not reading.notices


def test_every_key_is_written_so_that_no_default_can_change_a_link() -> None:
    assert tuple(write(State(model="smollm2", layer=0, head=0, step=0, view="map"))) == KEYS


def test_a_page_without_steps_and_views_writes_none() -> None:
    assert not {"step", "view"} & write(State()).keys()


@pytest.mark.parametrize("key", ["layer", "head", "step"])
@pytest.mark.parametrize("value", ["", "-1", "1.5", "nan", "1e3", "12345", "x", "٣", "<b>"])
def test_an_index_that_is_no_small_whole_number_is_refused_and_said(key: str, value: str) -> None:
    reading = read({key: value})
    assert key not in reading.values
    assert reading.notices[key].values["key"] == key


@pytest.mark.parametrize("text", ["all", "head,all", ", ".join(reversed(KEYS))])
def test_a_lock_on_everything_is_one_word(text: str) -> None:
    reading = read({"lock": text})
    assert reading.values == {"lock": KEYS}
    assert write(State(**reading.values))["lock"] == "all"


@pytest.mark.parametrize(
    ("text", "lock"), [("", ()), (",", ()), ("x", ()), ("HEAD,head", ("head",))]
)
def test_a_lock_holds_what_it_can_and_says_the_rest(text: str, lock: tuple[str, ...]) -> None:
    reading = read({"lock": text})
    assert reading.values == {"lock": lock}
    assert ("lock" in reading.notices) == bool(text.strip(","))


@pytest.mark.parametrize(
    ("tag", "lang"), [("zh", "zh"), ("zh-CN", "zh"), ("ZH_Hant", "zh"), ("en-GB", "en")]
)
def test_a_language_is_known_by_any_of_its_tags(tag: str, lang: str) -> None:
    assert read({"lang": tag}).values == {"lang": lang}


@pytest.mark.parametrize("tag", ["", "xx", "english", "../zh", "<script>"])
def test_another_language_is_refused_and_said(tag: str) -> None:
    reading = read({"lang": tag})
    assert not reading.values
    assert "lang" in reading.notices


def test_line_breaks_become_spaces_and_broken_characters_become_visible() -> None:
    assert clean("a\r\nb\tc\x00d\x1be\x7ff\x85g\u2028h") == ("a b c�d�e�f g h", 7)
    assert clean("half \ud83d of a pair \udc00") == ("half � of a pair �", 2)


@pytest.mark.parametrize("text", ["", "plain", "سلام", "👩‍👩‍👧 e\u0301", "\ufffd", " two  spaces "])
def test_text_that_a_line_can_hold_is_left_alone(text: str) -> None:
    assert clean(text) == (text, 0)


def test_a_cleaned_prompt_says_how_many_characters_it_lost() -> None:
    reading = read({"prompt": "a\x00b\nc"})
    assert reading.values["prompt"] == "a�b c"
    assert reading.notices["prompt"].values == {"count": 2}


def test_a_link_stays_short_however_long_the_prompt() -> None:
    assert len(write(State(prompt="x" * 100_000))["prompt"]) == MAX_PROMPT_CHARS


def test_a_quoted_value_is_short_and_cannot_be_markdown() -> None:
    quoted = shown("[x](http://e.x) <b> `c` $y$ :red[z] " + "w" * 100)
    assert "\\[x\\]\\(http\\:\\/\\/e\\.x\\)" in quoted
    assert "\\<b\\> \\`c\\` \\$y\\$" in quoted
    assert quoted.endswith("…")
    assert len(quoted.replace("\\", "")) == 41


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("model", ["tiny", "smollm2", "mine"])
def test_the_prompt_that_a_visit_opens_on_fits_the_field(model: str, lang: str) -> None:
    prompt = opening(model, lang).prompt
    assert clean(prompt) == (prompt, 0)


@pytest.mark.parametrize(("lang", "comma"), [("en", ", "), ("zh", "、")])
def test_a_list_in_a_sentence_has_the_comma_of_its_language(lang: str, comma: str) -> None:
    notice = read({"lock": "nothing"}).notices["lock"]
    assert comma.join((*KEYS, "all")) in notice.said(speaker(lang))
