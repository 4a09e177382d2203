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
from collections.abc import Callable
from dataclasses import dataclass
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
# What heads are measured on: novel and everyday, known by heart and never read, lists, repetition.
ENGLISH = (
    "The old man looked at the sea, and the sea was calm; but the whale was not to be seen, and "
    "the captain stood upon the deck with his spy-glass and said nothing.",
    "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my "
    "purse, I thought I would sail about a little and see the watery part of the world.",
    "the white whale rolled in the calm sea and the harpoon flew over the side of the boat",
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age "
    "of foolishness.",
    "Please send the report by Friday, and tell the team that the meeting has moved to room four.",
    "A cat sat on a mat. A dog sat on a log. A frog sat on a rock and looked at the moon.",
    "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday are the days of the week.",
    "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen.",
    "To be, or not to be, that is the question: whether it is nobler in the mind to suffer.",
    "def add(a, b): return a + b  # print(add(1, 2)) and then print(add(3, 4)) again",
    "me me me me me me me me me me me me me me me me",
    "WHO ARE YOU? cried the mate; and where, in the name of heaven, do you come from, sir?",
)
CHINESE = (
    "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
    "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。",
    "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
    "海内存知己，天涯若比邻。无为在岐路，儿女共沾巾。",
    "空山不见人，但闻人语响。返景入深林，复照青苔上。",
    "今天天气很好，我们去山上看花。山上人多，花也多。",
    "长江后浪推前浪，世上新人换旧人。江山代有才人出。",
    "一二三四五六七八九十，百千万里水，东南西北风。",
    "月月月月月月月月月月月月月月月月",
    "红豆生南国，春来发几枝。愿君多采撷，此物最相思。",
    "他说不来，她说要来；来与不来，今夜都有明月。",
    "人生若只如初见，何事秋风悲画扇。等闲变却故人心。",
)
TEXTS = {"English": ENGLISH, "Chinese": CHINESE}


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
    """The text that the decoder makes of `beginning`, taking the likeliest token each time."""
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


@dataclass(frozen=True, kw_only=True)
class Head:
    """The mean weight of one head on the place it is named after, in each text of a language."""

    layer: int
    head: int
    weights: dict[str, tuple[float, ...]]

    def spread(self, lang: str) -> tuple[float, float, float]:
        """Median, lowest and highest."""
        weights = self.weights[lang]
        return float(np.median(weights)), min(weights), max(weights)


# How often a text is said, and which key each of its queries is meant to look at: n its tokens.
_PLACES: dict[str, tuple[int, Callable[[int], list[tuple[int, int]]]]] = {
    "previous token": (1, lambda n: [(t, t - 1) for t in range(1, n)]),
    "first token": (1, lambda n: [(t, 0) for t in range(10, n)]),
    "repeated phrase": (2, lambda n: [(t, t - n + 1) for t in range(n, 2 * n - 1)]),
}


def heads(decoder: Decoder) -> dict[str, list[Head]]:
    """All heads by their weight on three places, the largest median of a language first.

    The token before; the very first token (from the tenth token on); and, while a text is said for
    the second time, the token that followed when it was said first.
    """
    found: dict[str, list[Head]] = {}
    for name, (times, pairs_of) in _PLACES.items():
        means = {
            lang: np.stack([_means(decoder, text, times, pairs_of) for text in texts])
            for lang, texts in TEXTS.items()
        }  # (texts, L, H)
        every = [
            Head(
                layer=la, head=h, weights={x: tuple(m[:, la, h].tolist()) for x, m in means.items()}
            )
            for la in range(decoder.config.n_layers)
            for h in range(decoder.config.n_heads)
        ]
        found[name] = sorted(every, key=lambda h: -max(h.spread(lang)[0] for lang in TEXTS))
    return found


def _means(
    decoder: Decoder, text: str, times: int, pairs_of: Callable[[int], list[tuple[int, int]]]
) -> np.ndarray:
    """Mean weight over the pairs of a query and a key, of every head: (L, H)."""
    ids = decoder.tokenizer.encode(text)
    step = decoder.engine.session().update(ids * times)
    rows, columns = zip(*pairs_of(len(ids)), strict=True)
    looked = (kvcore.look(step, layer) for layer in range(decoder.config.n_layers))
    return np.stack([each.weights[:, rows, columns].mean(-1) for each in looked])


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.report", description=__doc__)
    parser.add_argument("--model", type=Path, default=TINY)
    options = parser.parse_args()
    decoder, corpus = kvcore.load(options.model), fetch()
    print(f"weights: {(options.model / 'model.safetensors').stat().st_size / 1e6:.2f} MB")
    print(f"loss, nats a token: book {loss(decoder, ' '.join(corpus.chapters)):.3f}")
    for name, strongest in heads(decoder).items():
        for each in strongest[:3]:
            print(f"{name}: layer {each.layer} head {each.head}", end="")
            for lang, texts in TEXTS.items():
                median, low, high = each.spread(lang)
                print(f"; {len(texts)} {lang} texts {median:.2f}, {low:.2f} to {high:.2f}", end="")
            print()
    print(f"words that come again: {said_again(decoder):.0%} foretold")
    for beginning in BEGINNINGS:
        print(f"{beginning} > {goes_on(decoder, beginning, 60)!r}")
    known = recited(decoder, corpus)
    print(f"{len(known)} of {len(corpus.poems)} poems to the end from their first verse")
    lines = ",\n".join(json.dumps(poem, ensure_ascii=False) for poem in known)
    (options.model / "recites.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
