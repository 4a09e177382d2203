"""The tiny decoder as it is shipped: what its model card says of it is so."""

import hashlib
import json
import re

import pytest
from safetensors import safe_open

import kvcore
from kvcore.checkpoint.embedded import tiny_folder
from kvcore.decoder import Decoder
from training.__main__ import GUIDED, MIX, STEPS
from training.batches import REHEARSAL, ROW, SNIPPET
from training.report import TEXTS, goes_on, heads, said_again
from training.tokens import ENGLISH as ENTRIES
from ui.language.i18n import prose

FOLDER = tiny_folder()
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
OPENING = (
    "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my "
    "purse, and nothing particular to interest me on shore, I thought I would sail about a little "
    "and see the watery part of the world."
)
POEMS = json.loads((FOLDER / "recites.json").read_text(encoding="utf-8"))
SAMPLES = re.findall(r"^> \*\*(.+?)\*\*(.+)$", CARD, re.MULTILINE)
SPREAD = r" ([\d.]+) \(([\d.]+) to ([\d.]+)\) \|"
HEADS = re.findall(
    rf"^\| (previous token|first token|repeated phrase) \| (\d) \| (\d) \|{SPREAD}{SPREAD}$",
    CARD,
    re.MULTILINE,
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
    assert len(HEADS) == 6
    found = heads(decoder)
    for name, layer, head, *spreads in HEADS:
        there = next(h for h in found[name] if (h.layer, h.head) == (int(layer), int(head)))
        measured = [weight for lang in TEXTS for weight in there.spread(lang)]
        assert measured == pytest.approx([float(x) for x in spreads], abs=0.01), name


def test_the_texts_that_heads_are_measured_on_are_as_many_as_the_card_says() -> None:
    said = re.search(r"median over (\d+) texts of a language", CARD)
    assert said
    assert {len(texts) for texts in TEXTS.values()} == {int(said[1])}


def test_the_card_has_the_shape_of_the_model_that_is_shipped(decoder: Decoder) -> None:
    config = decoder.config
    stored = FOLDER / "model.safetensors"
    with safe_open(stored, framework="np") as file:
        numbers = sum(file.get_tensor(name).size for name in file.keys())  # noqa: SIM118
    shape = (config.n_heads, config.n_kv_heads, config.head_dim)
    for line in (
        f"A Llama-family decoder of {numbers / 1e6:.2f} million parameters",
        f"| layers | {config.n_layers} |",
        f"| width, SwiGLU width | {config.dim}, {config.hidden_dim} |",
        f"| query heads, kv heads, head_dim | {', '.join(map(str, shape))} (GQA) |",
        f"| context | {config.max_seq_len} tokens |",
        f"| vocabulary | {config.vocab_size:,}: {ENTRIES:,} byte-level BPE entries",
        f"one for each of the {config.vocab_size - ENTRIES - 1:,} characters of the poems",
        f"| size | {stored.stat().st_size / 1e6:.2f} MB of fp16 weights |",
        f"| cache | {kvcore.kv_bytes_per_token(config):,} bytes a token in fp32",
        f"It continues {len(POEMS)} of the 407 poems",
    ):
        assert line in CARD


def test_the_card_has_the_settings_of_the_script() -> None:
    rows = f"{MIX.poems + MIX.book} rows of {ROW} tokens ({MIX.poems} poems, {MIX.book} the book)"
    said = " ".join(CARD.split())
    assert f"{STEPS:,} steps, each of {rows} and {MIX.snippets} rows of {SNIPPET} that" in said
    assert REHEARSAL[0] == 8
    assert "eight short rows that say the same tokens again" in said
    assert f"layer {GUIDED[0]} head {GUIDED[1]}, is guided" in said


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ("rehearsed rows made for it", "head {head} of layer {layer}, was guided")),
        ("zh", ("专门造出来的句子", "第 {layer} 层第 {head} 头）在训练中受过引导")),
    ],
)
def test_the_front_page_says_what_was_taught(lang: str, told: tuple[str, ...]) -> None:
    said = prose("home", "model-tiny", lang)
    for words in told:
        assert words.format(layer=GUIDED[0], head=GUIDED[1]) in said


def test_it_foretells_the_share_of_repeated_words_that_the_card_says(decoder: Decoder) -> None:
    said = re.search(r"foretells (\d+) % of them", CARD)
    assert said
    assert said_again(decoder) == pytest.approx(int(said[1]) / 100, abs=0.01)
