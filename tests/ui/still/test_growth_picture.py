"""The whole picture of /growth: K and V row by row, the map of the cache, and the next tokens."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import kvcore
from kvembed.view import View
from tests.ui.still import oklab
from tests.unfolding import unfold
from ui.colour_files import COLOURS
from ui.record.record import read, write
from ui.still import pictures
from ui.still.budget import WHOLE
from ui.still.caption import caption
from ui.views.block import block_for
from ui.views.resolved import resolve

SVG = "{http://www.w3.org/2000/svg}"
PROMPT = "The old man and the sea"
HOSTILE = '</text><script>alert(1)</script>"&'


class Drawn:
    """The picture of a view, what it was drawn from, and the poster of the same block."""

    def __init__(self, decoder: kvcore.Decoder, hostile: str = "", **of: Any) -> None:
        view = View("growth", **{"prompt": PROMPT, "lang": "en", "layer": 1, **of})
        kind, block = block_for(view, view.lang, decoder)
        if hostile:
            message = read(block)
            labels = [each.label for step in message.record.steps for each in step.next]
            for label in [*message.record.tokens, *labels]:
                label["text"] = hostile
            block = write(message)
        self.meta, self.arrays = unfold(block)
        said = caption(view, resolve(view, view.lang, decoder), kind, block)
        self.svg = pictures.picture(kind, block, said)
        self.poster = pictures.poster(kind, block, said)
        self.root = ElementTree.fromstring(self.svg)
        self.step = self.meta["steps"][self.meta["step"]]
        self.end = self.step["start"] + self.step["fed"]

    def written(self) -> str:
        """All that is written in it, without the places where its lines end."""
        texts = self.root.iter(f"{SVG}text")
        return re.sub(r"\s", "", "".join("".join(each.itertext()) for each in texts))

    def rects(self, colour: str) -> list[tuple[float, float]]:
        """How wide and how high each rectangle of a colour is, in light."""
        names = re.findall(r"\.(c\d+){fill:" + colour + "}", self.svg.split("@media")[0])
        paths = [each for each in self.root.iter(f"{SVG}path") if each.get("class") in names]
        found = [re.findall(r"h([\d.]+)v([\d.]+)h-", each.get("d")) for each in paths]
        return [(float(wide), float(tall)) for each in found for wide, tall in each]


@pytest.fixture(scope="module")
def decoder(tiny_loaded: Any) -> kvcore.Decoder:
    return tiny_loaded.decoder


@pytest.mark.parametrize("letter", ["k", "v"])
@pytest.mark.parametrize("step", [0, 5])
def test_every_fed_row_has_the_colours_of_its_values_and_the_others_are_empty(
    decoder: kvcore.Decoder, letter: str, step: int
) -> None:
    drawn = Drawn(decoder, step=step)
    values = drawn.arrays[letter]
    assert drawn.end < len(values), "there is a row that is not fed yet"
    sizes = np.sort(np.abs(values).ravel())
    full = sizes[int(0.98 * (len(sizes) - 1))]  # all but the largest 2 % lie below
    places = np.rint(255 * (0.5 + 0.5 * np.clip(values / full, -1, 1))) / 255
    levels = (np.rint(places * 2 * WHOLE.shades) - WHOLE.shades)[: drawn.end]
    wanted = Counter(
        oklab.THEMES[0].ramp(letter if level > 0 else "below", abs(level) / WHOLE.shades)
        for level in levels.ravel().tolist()
        if level
    )
    light = dict(re.findall(r"\.(c\d+){stroke:(#\w+)}", drawn.svg.split("@media")[0]))
    own = {colour for colour in wanted if colour not in {oklab.THEMES[0].full["below"]}}
    groups = []
    for group in drawn.root.iter(f"{SVG}g"):
        found = Counter[str]()
        for path in group.findall(f"{SVG}path"):
            lengths = map(int, re.findall(r"h(\d+)", path.get("d")))
            found[light.get(path.get("class"), "")] += sum(lengths)
        groups.append(found)
    assert own
    assert wanted in groups


@pytest.mark.parametrize("step", [0, 5])
def test_the_map_is_filled_as_far_as_positions_are_held(decoder: kvcore.Decoder, step: int) -> None:
    drawn = Drawn(decoder, step=step)
    for letter, colour in ((name, COLOURS["fill"][name].lower()) for name in "kv"):
        cells = [wide for wide, tall in drawn.rects(colour) if tall == 15]
        assert len(cells) == drawn.end * drawn.meta["n_layers"], letter


def test_a_bar_is_as_long_as_its_token_is_probable_and_the_chosen_one_is_marked(
    decoder: kvcore.Decoder,
) -> None:
    drawn = Drawn(decoder, step=0)
    candidates, chosen = drawn.step["next"], drawn.step["chosen"]
    theme, ink = oklab.THEMES[0], COLOURS["light"]["page"]["ink"]
    track, bar, taken = (oklab.mix(theme.paper, ink, share) for share in (0.07, 0.45, 0.7))
    [room] = {wide for wide, tall in drawn.rects(track) if tall == 12}
    bars = [wide for wide, tall in drawn.rects(bar) if tall == 12]
    others = [each["p"] for i, each in enumerate(candidates) if i != chosen]
    assert bars == pytest.approx([max(1, p * room) for p in others], abs=0.02)
    [marked] = [wide for wide, tall in drawn.rects(taken) if tall == 12]
    assert marked == pytest.approx(candidates[chosen]["p"] * room, abs=0.02)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_words_are_those_of_the_live_figure(decoder: kvcore.Decoder, lang: str) -> None:
    drawn = Drawn(decoder, lang=lang, step=5)
    meta = drawn.meta
    said = drawn.written()
    slots = {**meta, "held": drawn.end, "fed": drawn.step["fed"]}
    for name in ("k", "v", "map", "next", "layer"):
        assert re.sub(r"\s", "", meta["text"][name].format(**slots)) in said


def test_no_text_of_a_token_becomes_markup(decoder: kvcore.Decoder) -> None:
    plain, hostile = Drawn(decoder, step=5), Drawn(decoder, HOSTILE, step=5)
    tags = [{each.tag for each in drawn.root.iter()} for drawn in (plain, hostile)]
    assert tags[0] == tags[1]
    assert "</text><" in "".join(hostile.root.itertext())


def test_the_poster_has_the_squares_alone(decoder: kvcore.Decoder) -> None:
    drawn = Drawn(decoder, step=5)
    title = drawn.meta["text"]["next"]
    assert title in drawn.svg
    assert title not in drawn.poster


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Step {} of 15"), ("zh", "第 {} 步（共 15 步）")]
)
def test_a_step_is_named_as_the_address_counts_it(
    decoder: kvcore.Decoder, lang: str, said: str
) -> None:
    for step in (0, 5, 15):
        drawn = Drawn(decoder, lang=lang, step=step)
        assert said.format(step) in "".join(drawn.root.itertext())
