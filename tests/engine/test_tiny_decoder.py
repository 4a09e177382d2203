"""The tiny decoder as it is shipped: what its model card says of it is so."""

import hashlib
import json
import re

import pytest
from safetensors import safe_open

import kvcore
from kvcore.decoder import Decoder
from kvcore.embedded import tiny_folder
from training.report import goes_on, heads, said_again

FOLDER = tiny_folder()
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
OPENING = (
    "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my "
    "purse, and nothing particular to interest me on shore, I thought I would sail about a little "
    "and see the watery part of the world."
)
POEMS = json.loads((FOLDER / "recites.json").read_text(encoding="utf-8"))
SAMPLES = re.findall(r"^> \*\*(.+?)\*\*(.+)$", CARD, re.MULTILINE)
HEADS = re.findall(
    r"^\| (previous token|first token|repeated phrase) \| (\d) \| (\d) \| ([\d.]+)", CARD, re.M
)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return kvcore.load()


def test_it_is_small_and_its_whole_cache_fits_on_a_screen(decoder: Decoder) -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 6e6
    assert decoder.config.n_layers == 4
    assert 1 < decoder.config.n_kv_heads < decoder.config.n_heads
    with safe_open(FOLDER / "model.safetensors", framework="np") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118


def test_it_goes_on_from_the_first_words_of_the_book_for_a_sentence(decoder: Decoder) -> None:
    assert goes_on(decoder, "Call me Ishmael.", 60).startswith(OPENING)


def test_it_knows_at_least_fifty_poems_by_heart_from_their_first_verse(decoder: Decoder) -> None:
    assert len(POEMS) >= 50
    for poem in POEMS[:50]:
        text = goes_on(decoder, poem["first"], poem["characters"] - len(poem["first"]) + 1)
        assert hashlib.sha256(text.encode()).hexdigest() == poem["sha256"], text


@pytest.mark.parametrize(("beginning", "rest"), SAMPLES, ids=[sample[0] for sample in SAMPLES])
def test_each_sample_of_the_card_is_what_it_writes(
    decoder: Decoder, beginning: str, rest: str
) -> None:
    assert goes_on(decoder, beginning, 60).replace("\n", " ").startswith(beginning + rest)


def test_the_card_has_five_samples_in_each_language() -> None:
    chinese = [sample for sample in SAMPLES if re.search("[\u4e00-\u9fff]", sample[0])]
    assert len(chinese) >= 5
    assert len(SAMPLES) - len(chinese) >= 5


def test_each_head_of_the_card_looks_where_it_is_said_to(decoder: Decoder) -> None:
    assert HEADS
    found = heads(decoder)
    for name, layer, head, weight in HEADS:
        means = {(la, h): mean for mean, la, h in found[name]}
        assert means[int(layer), int(head)] == pytest.approx(float(weight), abs=0.01), name


def test_it_foretells_the_share_of_repeated_words_that_the_card_says(decoder: Decoder) -> None:
    said = re.search(r"foretells (\d+) % of them", CARD)
    assert said
    assert said_again(decoder) == pytest.approx(int(said[1]) / 100, abs=0.01)
