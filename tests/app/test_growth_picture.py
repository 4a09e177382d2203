"""The whole picture of /growth: K and V row by row, the map of the cache, and the next tokens."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import kvcore
from kvembed.view import View
from ui import posters, views
from ui.figures.pack import pack, unpack
from ui.posters import cells
from ui.posters.caption import caption
from ui.posters.strips import full_of
from ui.still.room import WHOLE
from ui.views.asked import asked

SVG = "{http://www.w3.org/2000/svg}"
PROMPT = "The old man and the sea"
HOSTILE = '</text><script>alert(1)</script>"&'

Cells = dict[tuple[float, int], str]


class Drawn:
    """The picture of a view, what it was drawn from, and the poster of the same block."""

    def __init__(self, decoder: kvcore.Decoder, hostile: str = "", **of: Any) -> None:
        view = View("growth", **{"prompt": PROMPT, "lang": "en", "layer": 1, **of})
        kind, block = views.block(view, view.lang, decoder)
        self.meta, self.arrays = unpack(block)
        if hostile:
            labels = [each["label"] for step in self.meta["steps"] for each in step["next"]]
            for label in self.meta["tokens"] + labels:
                label["text"] = hostile
            block = pack(self.meta, **self.arrays)
        said = caption(view, asked(view, view.lang, decoder), kind, block)
        self.svg = posters.picture(kind, block, said)
        self.poster = posters.poster(kind, block, said)
        self.root = ElementTree.fromstring(self.svg)
        self.step = self.meta["steps"][self.meta["step"]]
        self.end = self.step["start"] + self.step["fed"]

    def all(self, tag: str, **attributes: str) -> list[ElementTree.Element]:
        """The elements with these attributes; `class_` is class, other `_` are hyphens."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            each
            for each in self.root.iter(f"{SVG}{tag}")
            if all(each.get(key) == value for key, value in wanted.items())
        ]

    def rows(self, letter: str) -> Cells:
        """The cells of K or V: the height of their row, their dim, and the name of their colour."""
        [group] = [
            group
            for group in self.root.iter(f"{SVG}g")
            if any(re.fullmatch(rf"s-{letter}-\d+", each.get("class", "")) for each in group)
        ]
        found = {}
        for path in group:
            x = y = 0.0
            for move in re.findall(r"[Mm](-?[\d.]+) ?(-?[\d.]+)h(\d+)", path.get("d")):
                right, down, length = map(float, move)
                x, y = x + right, y + down
                for dim in range(round(x), round(x + length)):
                    found[round(y, 1), dim] = path.get("class")[2:]
                x += length
        return found


@pytest.fixture(scope="module")
def decoder(tiny_loaded: Any) -> kvcore.Decoder:
    return tiny_loaded.decoder


def lengths(path: ElementTree.Element) -> set[float]:
    """How long the level lines of a path are."""
    return {float(length) for length in re.findall(r"h([\d.]+)", path.get("d"))}


@pytest.mark.parametrize("letter", ["k", "v"])
@pytest.mark.parametrize("step", [0, 5])
def test_every_fed_row_has_the_colours_of_its_values_and_the_others_are_empty(
    decoder: kvcore.Decoder, letter: str, step: int
) -> None:
    drawn = Drawn(decoder, step=step)
    values, found = drawn.arrays[letter], drawn.rows(letter)
    assert drawn.end < len(values), "there is a row that is not fed yet"
    levels = np.rint(np.clip(values / full_of(values), -1, 1) * WHOLE.shades)[: drawn.end]
    heights = sorted({height for height, _ in found})
    assert len(heights) == drawn.end
    assert np.ptp(np.diff(heights)) < 0.2, "rows are equally far apart, in their order"
    assert found == {
        (heights[row], dim): cells.colour(letter, int(level))
        for (row, dim), level in np.ndenumerate(levels)
        if level
    }


@pytest.mark.parametrize("step", [0, 5])
def test_the_rows_of_this_step_have_a_bold_outline(decoder: kvcore.Decoder, step: int) -> None:
    drawn = Drawn(decoder, step=step)
    outlines = drawn.all("path", class_="s-fg", stroke_width="2")
    assert len(outlines) == 2, "one in K, one in V"
    for letter, outline in zip("kv", outlines, strict=True):
        heights = sorted({height for height, _ in drawn.rows(letter)})
        top, tall = re.match(r"M[\d.]+ ([\d.]+)h[\d.]+v([\d.]+)", outline.get("d")).groups()
        inside = [y for y in heights if float(top) < y < float(top) + float(tall)]
        assert inside == heights[drawn.step["start"] :]


@pytest.mark.parametrize("step", [0, 5])
def test_the_map_is_filled_as_far_as_positions_are_held(decoder: kvcore.Decoder, step: int) -> None:
    drawn = Drawn(decoder, step=step)
    others = drawn.all("path", opacity=".55")
    assert [each.get("class") for each in others] == ["s-k", "s-v"]
    thick = others[0].get("stroke-width")
    share = drawn.end / len(drawn.meta["tokens"])
    for letter, weak in zip("kv", others, strict=True):
        lines = drawn.all("path", class_=f"s-{letter}", stroke_width=thick)
        [chosen] = [each for each in lines if each is not weak]
        assert weak.get("d").count("M") == drawn.meta["n_layers"] - 1
        assert chosen.get("d").count("M") == 1
        [whole] = lengths(drawn.all("path", class_="s-grid", stroke_width=thick)[0])
        for line in (weak, chosen):
            [length] = lengths(line)
            assert length == pytest.approx(whole * share, abs=1.01)


@pytest.mark.parametrize("step", [0, 5])
def test_the_positions_of_this_step_are_outlined_in_the_map(
    decoder: kvcore.Decoder, step: int
) -> None:
    drawn = Drawn(decoder, step=step)
    n_tokens, start = len(drawn.meta["tokens"]), drawn.step["start"]
    outlines = drawn.all("rect", class_="s-fg")[2:4]  # after those of the two squares
    grids = [each for each in drawn.all("path", class_="s-grid") if each.get("stroke-width")]
    for outline, grid in zip(outlines, grids, strict=True):
        left = float(re.match(r"M([\d.]+)", grid.get("d"))[1])
        [whole] = lengths(grid)
        wanted = [left + whole * pos / n_tokens for pos in (start, drawn.end)]
        x, wide = float(outline.get("x")), float(outline.get("width"))
        assert [x + 1, x + wide - 1] == pytest.approx(wanted, abs=1.01)


def test_a_bar_is_as_long_as_its_token_is_probable_and_the_chosen_one_is_marked(
    decoder: kvcore.Decoder,
) -> None:
    drawn = Drawn(decoder, step=0)
    candidates, chosen = drawn.step["next"], drawn.step["chosen"]
    tracks = drawn.all("rect", class_="f-track")
    assert len(tracks) == len(candidates) > 1
    fills = {
        each.get("y"): each
        for name in ("f-bar", "f-muted")
        for each in drawn.all("rect", class_=name)
    }
    for i, (track, candidate) in enumerate(zip(tracks, candidates, strict=True)):
        bar = fills[track.get("y")]
        assert bar.get("class") == ("f-muted" if i == chosen else "f-bar")
        wanted = max(1, candidate["p"] * float(track.get("width")))
        assert float(bar.get("width")) == pytest.approx(wanted, abs=0.01)
    tops = [float(each.get("y")) for each in drawn.all("rect", class_="s-fg")]
    marked = [i for i, track in enumerate(tracks) if float(track.get("y")) - 1 in tops]
    assert marked == [chosen]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_words_are_those_of_the_live_figure(decoder: kvcore.Decoder, lang: str) -> None:
    drawn = Drawn(decoder, lang=lang, step=5)
    meta = drawn.meta
    said = re.sub(r"\s", "", "".join("".join(each.itertext()) for each in drawn.all("text")))
    slots = {**meta, "held": drawn.end, "fed": drawn.step["fed"]}
    for name in ("k", "v", "map", "next", "layer"):
        assert re.sub(r"\s", "", meta["text"][name].format(**slots)) in said


def test_no_text_of_a_token_becomes_markup(decoder: kvcore.Decoder) -> None:
    plain, hostile = Drawn(decoder, step=5), Drawn(decoder, HOSTILE, step=5)
    tags = [{each.tag for each in drawn.root.iter()} for drawn in (plain, hostile)]
    assert tags[0] == tags[1]
    assert "</text><" in "".join(hostile.root.itertext())


def test_the_poster_stays_small_and_has_the_squares_alone(decoder: kvcore.Decoder) -> None:
    drawn = Drawn(decoder, step=5)
    assert "f-track" in drawn.svg
    assert "f-track" not in drawn.poster
    assert not re.search(r's-[kv]-\d+"', drawn.poster)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Step {} of 15"), ("zh", "第 {} 步（共 15 步）")]
)
def test_a_step_is_named_as_the_address_counts_it(
    decoder: kvcore.Decoder, lang: str, said: str
) -> None:
    for step in (0, 5, 15):
        drawn = Drawn(decoder, lang=lang, step=step)
        assert said.format(step) in "".join(drawn.root.itertext())
