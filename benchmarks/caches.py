"""`python -m benchmarks.caches`: a decode step on each kind of cache, and the bytes it holds.

All kinds write on from the same text in turns, so that a busy moment hits all of them alike. Times
are the median of all steps, in brackets the 10th percentile; capture is off.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import kvcore
from benchmarks.interleave import interleave
from benchmarks.machine import describe
from kvcore import (
    CacheSpec,
    Contiguous,
    Engine,
    NoCache,
    Quantized,
    Rolling,
    Session,
    Static,
    Visibility,
)

ALL, WINDOW = Visibility(), Visibility(window=64, n_sink=4)
KINDS: dict[str, tuple[CacheSpec, Visibility]] = {
    "Contiguous": (Contiguous(), ALL),
    "Static, twice the context": (Static(capacity=512), ALL),
    "Contiguous, window 64 + 4 sinks": (Contiguous(), WINDOW),
    "Rolling, window 64 + 4 sinks": (Rolling(), WINDOW),
    "Quantized, 8 bits": (Quantized(bits=8), ALL),
    "Quantized, 4 bits": (Quantized(bits=4), ALL),
    "no cache": (NoCache(), ALL),
}
FIRST = next(iter(KINDS))


def compare(engine: Engine, ids: Sequence[int], steps: int) -> None:
    """Print a row a kind: time of a decode step after `ids`, as a ratio, bytes held, allocated."""
    sessions: dict[str, Session] = {}
    for name, (cache, rule) in KINDS.items():
        sessions[name] = engine.session(cache=cache, visibility=rule, capture=False)
        sessions[name].update(ids)
    timings = interleave({name: session.step for name, session in sessions.items()}, steps)
    print(f"{'decode':<34}{'ms a token':>20}{'ratio':>8}{'held':>12}{'allocated':>12}")
    for name, timing in timings.items():
        snapshot = sessions[name].cache.snapshot()
        print(
            f"{name:<34}{timing!s:>20}{timing.median / timings[FIRST].median:>7.2f}x"
            f"{snapshot.held_bytes / 1024:>9.0f} KB{snapshot.allocated_bytes / 1024:>9.0f} KB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.caches", description=__doc__)
    parser.add_argument("--model", default="smollm2", help="a name or a folder")
    parser.add_argument("--context", type=int, default=224, help="tokens before the first step")
    parser.add_argument("--steps", type=int, default=32, help="decode steps of each kind")
    options = parser.parse_args()
    decoder = kvcore.load(options.model)
    ids = decoder.tokenizer.encode("The sea remembers nothing. " * options.context)
    print(f"{decoder.name}, after {options.context} tokens\n{describe()}")
    compare(decoder.engine, ids[: options.context], options.steps)


if __name__ == "__main__":
    main()
