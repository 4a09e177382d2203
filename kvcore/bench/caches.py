"""A decode step on each kind of cache, the bytes it holds, and the damage it does to a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvcore.bench.interleave import interleave
from kvcore.engine.engine import Engine
from kvcore.records.cache_specs import (
    CacheSpec,
    Contiguous,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
)
from kvcore.records.config import Visibility
from kvcore.study.damage import damage


def compare_caches(engine: Engine, ids: Sequence[int], steps: int) -> Iterator[str]:
    """A line a kind: time of a decode step after `ids`, its ratio to the first, held, allocated.

    All kinds take `steps` steps in turns, each over the text that it writes. KB are 1024 bytes.
    Then, for those that keep something, bytes saved on `ids` beside what `kvcore.damage` measures.
    """
    whole, window = Visibility(), Visibility(window=max(1, len(ids) // 4), n_sink=4)
    seen = f"{window.window} + {window.n_sink} sinks"
    kinds: dict[str, tuple[CacheSpec, Visibility]] = {
        "Contiguous": (Contiguous(), whole),
        "Static": (Static(capacity=len(ids) + steps), whole),
        "Paged": (Paged(), whole),
        "Quantized, 8 bits": (Quantized(bits=8), whole),
        "Quantized, 4 bits": (Quantized(bits=4), whole),
        "Quantized, 4 bits, K by token": (Quantized(bits=4, keys="token"), whole),
        f"Contiguous, window {seen}": (Contiguous(), window),
        f"Rolling, window {seen}": (Rolling(), window),
        f"Rolling, window {window.window}": (Rolling(), Visibility(window=window.window)),
        "no cache": (NoCache(), whole),
    }
    sessions = {
        name: engine.session(cache=cache, visibility=rule, capture=False)
        for name, (cache, rule) in kinds.items()
    }
    for session in sessions.values():
        session.update(ids)
    timings = interleave({name: session.step for name, session in sessions.items()}, steps)
    first = timings["Contiguous"].median
    title = f"a step after {len(ids)} tokens"
    yield f"\n{title:<34}{'ms':>19}{'ratio':>9}{'held':>12}{'allocated':>12}"
    for name, timing in timings.items():
        snapshot = sessions[name].cache.snapshot()
        held, allocated = snapshot.held_bytes / 1024, snapshot.allocated_bytes / 1024
        ratio = timing.median / first
        yield f"{name:<34}{timing!s:>19}{ratio:>7.2f} x{held:>9.0f} KB{allocated:>9.0f} KB"
    title = f"damage over {len(ids)} tokens"
    yield f"\n{title:<34}{'bytes held':>19}{'mean KL':>12}{'flipped':>9}{'perplexity':>12}"
    for name, (cache, rule) in kinds.items():
        if cache == NoCache():
            continue
        found = damage(engine, ids, cache=cache, visibility=rule)
        yield (
            f"{name:<34}{found.held_bytes:>19,}{found.quality.mean_kl:>12.1e}"
            f"{found.quality.n_flipped:>9}{found.quality.perplexity:>12.3f}"
        )
