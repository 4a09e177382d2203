"""`python -m training.report`: what the shipped decoder can do, for its model card.

Everything is computed by kvcore on the weights in assets/tiny: the loss on what it has read, which
poems it knows by heart (written to recites.json), which heads do something a learner can see, and
how it goes on from a few beginnings.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import kvcore
from kvcore import Decoder, RunConfig, SamplingParams
from training.__main__ import TINY
from training.batches import ROW
from training.corpus import ENDS, Corpus, fetch

BEGINNINGS = (
    "Call me Ishmael.",
    "The captain",
    "The whale",
    "It was a cold night, and",
    "床前明月光",
    "春眠不觉晓",
    "白日依山尽",
    "空山不见人",
    "海内存知己",
)
TEXT = (
    "The old man looked at the sea, and the sea was calm; but the whale was not to be seen, and "
    "the captain stood upon the deck with his spy-glass and said nothing."
)
PHRASE = "the white whale rolled in the calm sea and the harpoon flew; "


def loss(decoder: Decoder, text: str) -> float:
    """Mean nats a token on `text`, in windows as long as the context of the training."""
    ids = decoder.tokenizer.encode(text)
    nats, count = 0.0, 0
    for start in range(0, len(ids) - 1, ROW):
        window = ids[start : start + ROW]
        if len(window) < 2:
            break
        logits = decoder.engine.recompute(window)[0][:-1].astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        chosen = logits[np.arange(len(logits)), window[1:]]
        nats += float((np.log(np.exp(logits).sum(-1)) - chosen).sum())
        count += len(logits)
    return nats / count


def goes_on(decoder: Decoder, beginning: str, n_tokens: int) -> str:
    """What the decoder writes after `beginning`, taking the likeliest token each time."""
    stop = decoder.tokenizer.stop_ids
    run = RunConfig(sampling=SamplingParams(max_new_tokens=n_tokens, stop_ids=stop))
    ids = decoder.tokenizer.encode(beginning)
    trace = decoder.engine.generate(ids, run, capture=False)
    return decoder.tokenizer.decode([*ids, *trace.new_ids])


def recited(decoder: Decoder, corpus: Corpus) -> list[dict[str, object]]:
    """The poems that it writes to their end, character by character, from their first verse."""
    found: list[dict[str, object]] = []
    for poem in corpus.poems:
        first = re.split(f"(?<=[{ENDS}])", poem, maxsplit=1)[0]
        # One token more than the poem has: it has to know where to end, too.
        n_tokens = len(poem) - len(first) + 1
        if len(poem) < ROW and goes_on(decoder, first, n_tokens) == poem:
            digest = hashlib.sha256(poem.encode()).hexdigest()
            found.append({"first": first, "characters": len(poem), "sha256": digest})
    return found


def heads(decoder: Decoder) -> dict[str, list[tuple[float, int, int]]]:
    """Mean weight of each (layer, head) on three places, the largest first: (weight, layer, head).

    The token before; the very first token (from the tenth token on); and, while a phrase is said
    for the second time, the token that followed when it was said first.
    """
    plain = decoder.tokenizer.encode(TEXT)
    phrase = decoder.tokenizer.encode(" " + PHRASE)
    again = [*phrase, *phrase]
    seconds = range(len(phrase), len(again) - 1)
    found: dict[str, list[tuple[float, int, int]]] = {}
    for name, ids, pairs in (
        ("previous token", plain, [(t, t - 1) for t in range(1, len(plain))]),
        ("first token", plain, [(t, 0) for t in range(10, len(plain))]),
        ("repeated phrase", again, [(t, t - len(phrase) + 1) for t in seconds]),
    ):
        found[name] = _strongest(decoder, ids, pairs)
    return found


def said_again(decoder: Decoder) -> float:
    """Share of tokens that are the likeliest where ten random words are said a second time.

    Twenty such lines of words of one token, drawn from a seed; the first word of a second time,
    which nothing announces, does not count.
    """
    words = [decoder.tokenizer.decode([token]) for token in range(decoder.config.vocab_size)]
    whole = [token for token, word in enumerate(words) if re.fullmatch(" [a-z]{3,}", word)]
    rng, right = np.random.default_rng(0), []
    for _ in range(20):
        line = rng.choice(whole, 10, replace=False).tolist()
        guessed = decoder.engine.recompute(line + line)[0].argmax(-1)
        right.append(guessed[len(line) : -1] == line[1:])
    return float(np.mean(right))


def _strongest(
    decoder: Decoder, ids: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> list[tuple[float, int, int]]:
    step = decoder.engine.session().update(ids)
    rows, columns = zip(*pairs, strict=True)
    means = []
    for layer in range(decoder.config.n_layers):
        weights = kvcore.look(step, layer).weights[:, rows, columns].mean(-1)  # (H,)
        means += [(float(mean), layer, head) for head, mean in enumerate(weights)]
    return sorted(means, reverse=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.report", description=__doc__)
    parser.add_argument("--model", type=Path, default=TINY)
    options = parser.parse_args()
    decoder, corpus = kvcore.load(options.model), fetch()
    print(f"weights: {(options.model / 'model.safetensors').stat().st_size / 1e6:.2f} MB")
    print(f"loss, nats a token: book {loss(decoder, ' '.join(corpus.chapters)):.3f}")
    for name, strongest in heads(decoder).items():
        shown = ", ".join(f"layer {la} head {h} ({mean:.2f})" for mean, la, h in strongest[:3])
        print(f"{name}: {shown}")
    print(f"words that come again: {said_again(decoder):.0%} foretold")
    for beginning in BEGINNINGS:
        print(f"{beginning} > {goes_on(decoder, beginning, 60)!r}")
    known = recited(decoder, corpus)
    print(f"{len(known)} of {len(corpus.poems)} poems to the end from their first verse")
    lines = ",\n".join(json.dumps(poem, ensure_ascii=False) for poem in known)
    (options.model / "recites.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
