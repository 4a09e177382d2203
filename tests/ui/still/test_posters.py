"""Posters: the block of a figure as an SVG file, read back from the file."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kvcore
from kvcore.ops.machine import n_cores, processor
from kvembed.contract import PAGES
from kvembed.languages import LANGUAGES
from kvembed.poster import bundled
from kvembed.view import View
from tests.ui.still import oklab
from tests.unfolding import unfold
from ui.record.record import read, write
from ui.served import runs
from ui.still import pictures
from ui.still.canvas import words
from ui.still.caption import caption
from ui.still.points import pointed
from ui.views.block import block_for
from ui.views.resolved import resolve

ROOT = Path(__file__).parents[3]
KVFRONT = ROOT / "kvfront"
SVG = "{http://www.w3.org/2000/svg}"
PROMPT = "The old man and the sea"
FORTY = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money "
    "in my purse, and nothing in particular"
)


class Made(NamedTuple):
    """A poster, and what it was drawn from."""

    svg: str
    kind: str
    block: bytes

    @property
    def root(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.svg)

    @property
    def text(self) -> str:
        return " ".join("".join(each.itertext()) for each in self.root.iter(f"{SVG}text"))


@pytest.fixture(scope="module")
def decoder(tiny_loaded: Any) -> kvcore.Decoder:
    return tiny_loaded.decoder


@pytest.fixture
def make(decoder: kvcore.Decoder) -> Any:
    """Draw the poster of a view."""

    def draw(page: str, lang: str = "en", **of: Any) -> Made:
        view = View(page, lang=lang, **of)
        kind, block = block_for(view, lang, decoder)
        said = caption(view, resolve(view, lang, decoder), kind, block)
        return Made(pictures.poster(kind, block, said), kind, block)

    return draw


def rules(svg: str) -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the classes, in light and in dark."""
    light, dark = re.search(r"<style>(.*)@media \(prefers-color-scheme:dark\){(.*)}<", svg).groups()
    pairs = [re.findall(r"\.([\w-]+){(?:fill|stroke):(#\w+)}", part) for part in (light, dark)]
    return dict(pairs[0]), dict(pairs[1])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_poster_is_a_picture_with_a_name_that_needs_nothing_else(
    make: Any, page: str, lang: str
) -> None:
    made = make(page, lang)
    assert made.root.get("role") == "img"
    assert made.root.find(f"{SVG}title").text == PAGES[page].title[lang]
    assert made.root.find(f"{SVG}desc").text
    tags = {each.tag.removeprefix(SVG) for each in made.root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "defs", "pattern", "rect", "path", "text", "g"}
    assert not re.search(r"(?<!xmlns=\")https?:|@import|url\((?!#kv-tile-\d+\))|\son\w+=", made.svg)


@pytest.mark.parametrize("page", PAGES)
def test_every_class_has_a_colour_in_light_and_in_dark(make: Any, page: str) -> None:
    made = make(page)
    used = {name for each in made.root.iter() for name in each.get("class", "").split()}
    for theme in rules(made.svg):
        assert used == set(theme)


@pytest.mark.parametrize("page", PAGES)
def test_a_poster_of_forty_tokens_is_a_small_file(make: Any, page: str) -> None:
    made = make(page, prompt=FORTY)
    assert page == "timing" or len(unfold(made.block)[0]["tokens"]) >= 40
    assert len(made.svg.encode()) <= pictures.MOST_BYTES


@pytest.mark.parametrize("page", ["home", "why-not-q", "growth"])
def test_the_whole_picture_has_every_token(decoder: kvcore.Decoder, page: str) -> None:
    view = View(page, prompt="The whale rolled in the sea. " * 10)
    kind, block = block_for(view, "en", decoder)
    said = caption(view, resolve(view, "en", decoder), kind, block)
    small, whole = pictures.poster(kind, block, said), pictures.picture(kind, block, said)
    assert "the last" in small
    assert "the last" not in whole
    widths = [float(ElementTree.fromstring(svg).get("width")) for svg in (small, whole)]
    assert widths[0] < widths[1]


def test_a_long_text_is_cut_to_its_newest_tokens_and_the_poster_says_so(make: Any) -> None:
    for page in ("home", "why-not-q", "growth"):
        made = make(page, prompt="The whale rolled in the sea. " * 10)
        assert re.search(r"the last \d+ of \d+ tokens", made.text)
        assert len(made.svg.encode()) <= pictures.MOST_BYTES


def cells_of(root: ElementTree.Element) -> dict[tuple[int, int], str]:
    """The cells of the matrix by row and column, each with the class of its colour."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        scale = re.search(r"scale\(([\d.]+) 1\)", group.get("transform", ""))
        if not scale or float(scale[1]) != float(group.get("stroke-width", 1)):
            continue  # no squares: a barcode or a scale
        size = float(scale[1])
        runs = []
        for path in group.findall(f"{SVG}path"):
            x, y = 0.0, 0.0
            for right, down, length in re.findall(
                r"[Mm](-?[\d.]+) ?(-?[\d.]+)h(\d+)", path.get("d", "")
            ):
                x, y = x + float(right), y + float(down)
                runs.append((y, int(x), int(length), path.get("class", "")))
                x += int(length)
        top = min(y for y, *_ in runs)
        for y, x, length, name in runs:
            for col in range(x, x + length):
                found[round((y - top) / size), col] = name
    return found


@pytest.mark.parametrize("step", [2, 5])
def test_each_cell_has_the_colour_of_its_value_and_a_masked_one_is_a_gap(
    make: Any, step: int
) -> None:
    made = make("why-not-q", prompt=PROMPT, step=step)
    _, arrays = unfold(made.block)
    shades = pictures.SMALL[0].shades
    drawn = cells_of(made.root)
    for colours, theme in zip(rules(made.svg), oklab.THEMES, strict=True):
        for (row, col), seen in np.ndenumerate(arrays["mask"]):
            if step == 5:
                place = round(255 * float(arrays["weights"][row, col]) ** 0.6) / 255
                level = round(place * shades)
            else:
                score = float(arrays["scores"][row, col] / np.abs(arrays["scores"]).max())
                place = round(255 * (0.5 + 0.5 * score)) / 255  # as an image has 256 of them
                level = round(place * 2 * shades) - shades
            hue = "attention" if level > 0 else "below"
            wanted = theme.ramp(hue, abs(level) / shades) if level and (seen or step < 5) else None
            got = drawn.get((row, col))
            assert (got and colours[got]) == wanted, (row, col)


@pytest.mark.parametrize("step", range(1, 8))
def test_a_cell_that_is_masked_or_not_computed_yet_is_not_drawn(make: Any, step: int) -> None:
    made = make("why-not-q", prompt=PROMPT, step=step)
    mask = unfold(made.block)[1]["mask"]
    last = len(mask) - 1
    for row, col in cells_of(made.root):
        assert mask[row, col] if step >= 5 else step > 1 or max(row, col) < last


def test_the_hatch_lies_over_the_masked_cells_which_have_no_number(make: Any) -> None:
    made = make("why-not-q", prompt=PROMPT, step=5)
    mask = unfold(made.block)[1]["mask"]
    [hatch] = [each for each in made.root.iter(f"{SVG}path") if "url(" in each.get("fill", "")]
    boxes = re.findall(r"h([\d.]+)v([\d.]+)h-", hatch.get("d"))
    cell = float(boxes[0][1])
    over = sum(float(w) for w, h in boxes if float(h) == cell)  # and not the one of the legend
    assert over == pytest.approx((mask == 0).sum() * cell, rel=1e-3)
    light, _ = rules(made.svg)
    on = {name for name, colour in light.items() if colour in ("#111418", "#ffffff")}
    groups = [each for each in made.root.iter() if each.get("class") in on]
    numbers = [text for each in groups for text in each.iter(f"{SVG}text")]
    assert len(numbers) == mask.sum(), "a masked cell has no value, not even 0"


@pytest.mark.parametrize(
    ("step", "cell", "said"), [(2, "3.1", "scores"), (5, "3.1", "weights"), (5, "1.3", "masked")]
)
def test_the_chosen_cell_is_told_in_words(make: Any, step: int, cell: str, said: str) -> None:
    made = make("why-not-q", prompt=PROMPT, step=step, view=cell)
    _, arrays = unfold(made.block)
    row, col = map(int, cell.split("."))
    value = "masked"
    if said != "masked":
        number = arrays[said][row, col]
        value = f"{number:.2f}".replace("-", "−") if abs(number) >= 0.01 else r"0\.00\d+"
    assert re.search(rf"\({row}\) · key [^:]*\({col}\): {value}( |$)", made.text)


def test_the_step_decides_what_is_lit(make: Any) -> None:
    pictures = {make("why-not-q", prompt=PROMPT, step=step).svg for step in range(1, 8)}
    assert len(pictures) == 7


def test_the_strips_of_the_cache_view_are_the_numbers_of_the_block(make: Any) -> None:
    made = make("home", prompt=PROMPT, layer=1, head=3)
    meta, arrays = unfold(made.block)
    light, _ = rules(made.svg)
    [group, *_] = [  # the strips of the kv head that is read are the tallest: 4 px a value
        each for each in made.root.iter(f"{SVG}g") if each.get("transform", "").endswith("(1 4)")
    ]
    drawn = Counter[str]()
    for path in group.findall(f"{SVG}path"):
        lengths = map(int, re.findall(r"v(\d+)", path.get("d")))
        drawn[light[path.get("class")]] += sum(lengths)
    shades = pictures.SMALL[0].shades
    wanted = Counter[str]()
    for letter in "kv":
        values = arrays[letter][:, meta["shown"].index(1), meta["kv_head"]]
        size = np.quantile(np.abs(arrays[letter]), 0.98)
        power = 10.0 ** np.floor(np.log10(size))
        full = next(step * power for step in (1, 1.5, 2, 3, 5, 7, 10) if size <= step * power)
        places = 128 + np.rint(127 * np.clip(values / full, -1, 1))
        levels = np.rint(places / 255 * 2 * shades).astype(int) - shades
        for level in levels.ravel().tolist():
            hue = letter if level > 0 else "below"
            wanted[oklab.THEMES[0].ramp(hue, abs(level) / shades)] += level != 0
    assert drawn == +wanted


def test_the_race_names_every_measured_time(make: Any) -> None:
    made = make("timing", prompt=PROMPT, view="8x1")
    _, arrays = unfold(made.block)
    longest = max(arrays[name][0].sum() for name in ("cached_ms", "recomputed_ms"))
    for name in ("cached_ms", "recomputed_ms"):
        (first,) = arrays[name]
        assert f"{first.sum() / 1000:.{3 if longest < 1000 else 2}f}" in made.text
        numbers = {f"{ms:.{2 if ms < 10 else 1 if ms < 100 else 0}f}" for ms in first.tolist()}
        assert numbers <= set(made.text.split())


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "times measured on {}: {} · {} core"), ("zh", "{} 测得的时间：{} · {} 核")],
)
@pytest.mark.parametrize("page", PAGES)
def test_a_picture_with_times_says_when_and_on_which_machine_they_were_measured(
    make: Any, page: str, lang: str, said: str
) -> None:
    svg = make(page, lang).svg
    root = ElementTree.fromstring(svg)
    written = "".join("".join(each.itertext()) for each in root.findall(f"{SVG}text"))
    line = said.format(runs.today().isoformat(), processor(), n_cores())
    for text in (written, root.findtext(f"{SVG}desc")):
        assert (packed(line) in packed(text)) == (page in ("growth", "timing"))


def packed(text: str) -> str:
    """A text without the places where its lines may end."""
    return re.sub(r"\s", "", text)


def words_of(root: ElementTree.Element) -> list[str]:
    """The texts of a picture, without the numbers."""
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    return [text for text in texts if not re.search(r"\d", text)]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_picture_that_comes_with_the_package_is_one_that_would_be_drawn_today(
    make: Any, page: str, lang: str
) -> None:
    data = bundled(page, lang)
    assert data and len(data) <= pictures.MOST_BYTES
    root = ElementTree.fromstring(data)
    drawn = make(page, lang, step=pointed(View(page)).step).root
    assert root.find(f"{SVG}title").text == PAGES[page].title[lang]
    assert {each.tag for each in root.iter()} == {each.tag for each in drawn.iter()}
    if page in ("home", "why-not-q"):  # the others tell what the model wrote
        assert words_of(root) == words_of(drawn)


hostile = st.text(max_size=12) | st.sampled_from(
    [
        "<script>",
        '"/><image href="//x"/>',
        "]]>",
        "&amp;",
        "\x00\x1b",
        "\ud800",
        "\ufffe",
        "👩‍👩‍👧",
        "שלום",
    ]
)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(hostile, min_size=6, max_size=6), page=st.sampled_from([*PAGES]))
def test_no_text_becomes_markup(tiny_loaded: Any, texts: list[str], page: str) -> None:
    decoder = tiny_loaded.decoder
    view = View(page, prompt=PROMPT)
    kind, block = block_for(view, "en", decoder)
    message = read(block)
    safe = [text.encode("utf-8", "replace").decode() for text in texts]  # as JSON can carry it
    for i, token in enumerate(message.record.tokens[:6]):
        token["text"] = safe[i]
    said = caption(view, resolve(view, "en", decoder), kind, block)
    root = ElementTree.fromstring(pictures.poster(kind, write(message), said))
    plain = ElementTree.fromstring(pictures.poster(kind, block, said))
    assert {each.tag for each in root.iter()} <= {each.tag for each in plain.iter()}


@given(text=hostile)
def test_any_text_can_stand_between_tags_and_in_an_attribute(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{words(text)}">{words(text)}</a>')
    assert not list(root)
    fit = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert root.text == (fit.replace("\r\n", "\n").replace("\r", "\n") or None)


def test_the_colours_of_the_frame_are_those_of_the_figure(make: Any) -> None:
    """Python mixes those of the one, JavaScript those of the other."""
    svg = make("timing").svg
    for colours in rules(svg):
        muted = colours["f-muted"]
        assert muted in [colour for name, colour in colours.items() if name != "f-muted"]
