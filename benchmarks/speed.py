"""`python -m benchmarks.speed`: kvcore beside transformers on SmolLM2, and what capture costs.

Everything is measured in one run, in turns: a round times one step of each way on the same tokens.
Numbers are milliseconds, the median of all rounds, in brackets the 10th percentile. The weights
must be there: `python -m kvcore fetch smollm2`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from transformers import LlamaForCausalLM

import kvcore
from benchmarks.interleave import Timing, extra_percent, interleave
from benchmarks.machine import describe
from benchmarks.ways import Kvcore, Transformers, Way
from kvcore.config import Contiguous, NoCache
from kvcore.engine import Engine

CONTEXTS = (16, 64, 256)
TEXT = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in "
    "my purse, and nothing particular to interest me on shore, I thought I would sail about a "
    "little and see the watery part of the world. It is a way I have of driving off the spleen and "
    "regulating the circulation. Whenever I find myself growing grim about the mouth; whenever it "
    "is a damp, drizzly November in my soul; whenever I find myself involuntarily pausing before "
    "coffin warehouses, and bringing up the rear of every funeral I meet; and especially whenever "
    "my hypos get such an upper hand of me, that it requires a strong moral principle to prevent "
    "me from deliberately stepping into the street, and methodically knocking people's hats off, "
    "then, I account it high time to get to sea as soon as I can. This is my substitute for pistol "
    "and ball. With a philosophical flourish Cato throws himself upon his sword; I quietly take to "
    "the ship. There is nothing surprising in this. If they but knew it, almost all men in their "
    "degree, some time or other, cherish very nearly the same feelings towards the ocean with me."
)
CACHED, RECOMPUTED = "kvcore cached", "kvcore recomputed"


def measure(
    ways: Mapping[str, Way], ids: Sequence[int], repeats: int, tokens: int
) -> tuple[dict[str, Timing], dict[str, Timing]]:
    """Prefill and decode timings by way; exits when two ways choose different tokens."""
    prefill = dict.fromkeys(ways, Timing(()))
    decode = dict.fromkeys(ways, Timing(()))
    for repeat in range(repeats + 1):
        first = interleave({name: partial(way.prefill, ids) for name, way in ways.items()}, 1)
        later = interleave({name: way.decode for name, way in ways.items()}, tokens)
        if repeat:  # the first one warms up
            prefill = {name: prefill[name] + first[name] for name in ways}
            decode = {name: decode[name] + later[name] for name in ways}
        if len({tuple(way.new_ids) for way in ways.values()}) > 1:
            sys.exit(f"different tokens: { ({name: way.new_ids for name, way in ways.items()}) }")
    return prefill, decode


def faster_attention(model: LlamaForCausalLM, ids: Sequence[int]) -> str:
    """Set and return the attention of transformers that decodes faster here."""
    way, timings = Transformers(model), {"eager": Timing(()), "sdpa": Timing(())}
    for _ in range(6):
        for name in timings:
            model.set_attn_implementation(name)
            way.prefill(ids)
            timings[name] += interleave({name: way.decode}, 4)[name]
    best = min(timings, key=lambda name: timings[name].median)
    model.set_attn_implementation(best)
    return best


def show(title: str, rows: Mapping[str, Sequence[object]], columns: Sequence[str]) -> None:
    print(f"\n{title:<38}" + "".join(f"{column:>20}" for column in columns))
    for name, cells in rows.items():
        print(f"{name:<38}" + "".join(f"{cell!s:>20}" for cell in cells), flush=True)


def compare(ways: Mapping[str, Way], ids: Sequence[int], repeats: int, tokens: int) -> None:
    """Prefill and decode of all ways at every context, and how many times as fast the first is."""
    measured = [measure(ways, ids[:n], repeats, tokens) for n in CONTEXTS]
    show(
        "prefill, ms",
        {name: [prefill[name] for prefill, _ in measured] for name in ways},
        [f"{n} tokens" for n in CONTEXTS],
    )
    show(
        "decode, ms per token",
        {name: [decode[name] for _, decode in measured] for name in ways},
        [f"context {n} to {n + tokens - 1}" for n in CONTEXTS],
    )
    ratios = {
        name: [f"{d[name].median / d[CACHED].median:.2f} x" for _, d in measured]
        for name in ways
        if name != CACHED
    }
    show(f"decode, times as long as {CACHED}", ratios, [f"context {n}" for n in CONTEXTS])
    print(f"\nsame tokens in every way: {repeats + 1} times {tokens + 1} at each context")


def capture_cost(engine: Engine, ids: Sequence[int], repeats: int, tokens: int) -> None:
    """A cached decode step that records q, k and v, against one that does not."""
    ways = {"without": Kvcore(engine, Contiguous()), "with": Kvcore(engine, Contiguous(), True)}
    decodes = [measure(ways, ids[:n], repeats, tokens)[1] for n in CONTEXTS]
    rows: dict[str, list[object]] = {f"{name} capture": [d[name] for d in decodes] for name in ways}
    rows["cost of capture"] = [f"{extra_percent(d['without'], d['with']):+.1f} %" for d in decodes]
    show("cached decode, ms per token", rows, [f"context {n}" for n in CONTEXTS])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs at each context")
    parser.add_argument("--tokens", type=int, default=10, help="decode steps of a run")
    options = parser.parse_args()
    decoder = kvcore.load("smollm2")
    ids = decoder.tokenizer.encode(TEXT)
    model = LlamaForCausalLM.from_pretrained(decoder.path, dtype=torch.float32).eval()
    attention = faster_attention(model, ids[: CONTEXTS[1]])
    print(f"SmolLM2-135M-Instruct, fp32, one sequence\n{describe()}")
    print(f"transformers: attention {attention}, the faster here of eager and sdpa")
    ways: dict[str, Way] = {
        CACHED: Kvcore(decoder.engine, Contiguous()),
        RECOMPUTED: Kvcore(decoder.engine, NoCache()),
        "transformers DynamicCache": Transformers(model),
    }
    compare(ways, ids, options.repeats, options.tokens)
    capture_cost(decoder.engine, ids, options.repeats, 4 * options.tokens)


if __name__ == "__main__":
    main()
