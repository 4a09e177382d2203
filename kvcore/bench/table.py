"""The lines of `python -m kvcore bench`: milliseconds side by side, and what each way costs.

Everything is measured in one run, in turns: a round times one step of each way on the same tokens.
Cells are milliseconds: the median of all rounds, in brackets the 10th percentile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from kvcore.bench.caches import compare_caches
from kvcore.bench.interleave import Timing, interleave, times_as_long
from kvcore.bench.machine import describe, resident_mb
from kvcore.bench.peers import LlamaCpp, Transformers, installed
from kvcore.bench.sessions import compare_sessions
from kvcore.bench.text import TEXT
from kvcore.bench.ways import Kvcore, Way
from kvcore.checkpoint.gguf_write import write_gguf
from kvcore.decoder import Decoder, load
from kvcore.records.checks import whole
from kvcore.study.quality import quality

CAPTURED = 4  # times as many decode steps, where the cost of capture is measured
SHORT = 128  # tokens; the longest text that the site takes from a visitor
EXACT, FAST, PEER = "kvcore", "kvcore fast", "transformers"
LLAMA: dict[str, type[np.floating]] = {"llama.cpp F32": np.float32, "llama.cpp F16": np.float16}


def report(model: str, contexts: Sequence[int], repeats: int, tokens: int) -> Iterator[str]:
    """Measure `model` and the others that are installed; yields lines as they become known.

    At each context: `repeats` prefills of that many tokens, and after each `tokens` decode steps.
    Takes minutes. Raises FileNotFoundError for a model that is not there, and ValueError for
    counts that cannot be measured with it.
    """
    repeats, tokens = whole("repeats", repeats), whole("tokens", tokens)
    exact = load(model)
    longest = exact.config.max_seq_len - CAPTURED * tokens
    for n in contexts:
        whole("contexts", n, 2, longest, f", for {CAPTURED * tokens} decode steps to fit after it")
    once = exact.tokenizer.encode(TEXT)
    if not once:
        raise ValueError(f"{model}: its tokenizer knows no character of the text that is timed")
    fast = load(model, fast=True)
    text = (once * (1 + max(contexts) // len(once)))[: max(contexts)]
    yield f"{model}, one sequence, exact fp32 but where it says fast or F16\n{describe()}"
    ways: dict[str, Way] = {EXACT: Kvcore(exact.engine), FAST: Kvcore(fast.engine)}
    if installed("transformers"):
        peer = Transformers(exact.path)
        ways[PEER] = peer
        yield f"transformers: attention {peer.choose_attention(text)}, the faster of eager and sdpa"
    with tempfile.TemporaryDirectory() as folder:
        if installed("llama_cpp"):
            for name, dtype in LLAMA.items():
                gguf = write_gguf(exact.path, Path(folder) / f"{name}.gguf", dtype)
                ways[name] = LlamaCpp(gguf, max(contexts) + tokens + 1)
        yield from _compare(ways, text, contexts, repeats, tokens)
    yield from _capture(exact, text, contexts, repeats, CAPTURED * tokens)
    yield from compare_caches(exact.engine, text, tokens)
    for n in sorted({min(len(text), SHORT), len(text)}):
        for name, decoder in ((EXACT, exact), (FAST, fast)):
            yield from compare_sessions(name, decoder.engine, text[:n], tokens)
    yield from _damage(exact, fast, once[: max(contexts)])
    yield from _memory(model)


def _compare(
    ways: Mapping[str, Way], ids: Sequence[int], contexts: Sequence[int], repeats: int, tokens: int
) -> Iterator[str]:
    """Prefill and decode of all ways at every context, and how they stand to the first."""
    measured = []
    same: dict[str, list[str]] = {name: [] for name in ways if name != EXACT}
    for n in contexts:
        measured.append(_measure(ways, ids[:n], repeats, tokens))
        for name, answers in same.items():
            answers.append("yes" if ways[name].new_ids == ways[EXACT].new_ids else "no")
    at = [f"{n} tokens" for n in contexts]
    for title, part in (("prefill", 0), ("decode of one token after", 1)):
        yield from _table(title, {w: [m[part][w] for m in measured] for w in ways}, at)
        yield from _table(
            f"times as long as {EXACT}",
            {
                name: [f"{times_as_long(m[part][EXACT], m[part][name]):.2f} x" for m in measured]
                for name in same
            },
            at,
        )
    yield from _table(f"the same tokens as {EXACT}", same, at)


def _measure(
    ways: Mapping[str, Way], ids: Sequence[int], repeats: int, tokens: int
) -> tuple[dict[str, Timing], dict[str, Timing]]:
    """Prefill and decode timings by way."""
    prefill = dict.fromkeys(ways, Timing(()))
    decode = dict.fromkeys(ways, Timing(()))
    for repeat in range(repeats + 1):
        first = interleave({name: partial(way.prefill, ids) for name, way in ways.items()}, 1)
        later = interleave({name: way.decode for name, way in ways.items()}, tokens)
        if repeat:  # the first one warms up
            prefill = {name: prefill[name] + first[name] for name in ways}
            decode = {name: decode[name] + later[name] for name in ways}
    return prefill, decode


def _capture(
    decoder: Decoder, ids: Sequence[int], contexts: Sequence[int], repeats: int, tokens: int
) -> Iterator[str]:
    """A decode step that records q, k and v, against one that does not."""
    ways = {
        "without capture": Kvcore(decoder.engine),
        "with capture": Kvcore(decoder.engine, capture=True),
    }
    decodes = [_measure(ways, ids[:n], repeats, tokens)[1] for n in contexts]
    rows: dict[str, list[object]] = {name: [d[name] for d in decodes] for name in ways}
    costs = [100 * (times_as_long(*d.values()) - 1) for d in decodes]
    rows["cost of capture"] = [f"{cost:+.1f} %" for cost in costs]
    yield from _table("decode of one token after", rows, [f"{n} tokens" for n in contexts])


def _damage(exact: Decoder, fast: Decoder, ids: Sequence[int]) -> Iterator[str]:
    """How far the fast mode's predictions of a text are from the exact ones, token by token."""
    session = fast.engine.session(capture=False)
    rows = [session.update(ids[:n]).logits for n in range(1, len(ids) + 1)]
    logits, _ = exact.engine.recompute(ids)
    found = quality(logits, np.stack(rows), ids)
    yield (
        f"\n{FAST}, damage over {len(ids)} tokens of a text: largest logit gap "
        f"{found.max_gap:.1e}, mean KL {found.mean_kl:.1e} nats, likeliest token another "
        f"{found.n_flipped} times, perplexity {found.exact_perplexity:.3f} exact and "
        f"{found.perplexity:.3f} fast"
    )


def _memory(model: str) -> Iterator[str]:
    for name, fast in ((EXACT, False), (FAST, True)):
        resident = resident_mb(model, fast=fast)
        if resident is None:
            yield f"memory of {name}: not measured, this system has no /proc"
        else:
            imported, loaded = resident
            yield f"memory of {name}: {loaded} MB resident with {model}, {imported} MB before it"


def _table(
    title: str, rows: Mapping[str, Sequence[object]], columns: Sequence[str]
) -> Iterator[str]:
    yield f"\n{title:<30}" + "".join(f"{column:>19}" for column in columns)
    for name, cells in rows.items():
        yield f"{name:<30}" + "".join(f"{cell!s:>19}" for cell in cells)
