"""`python -m kvcore "a prompt"`: the text that is written on, and the times of both ways."""

from __future__ import annotations

from kvcore.decoder import load
from kvcore.ops.resumable import finish
from kvcore.records.step_timings import Lap, RaceResult
from kvcore.study.compare import verifying_race
from kvcore.study.race import race


def write_on(model: str, prompt: str, n_tokens: int) -> None:
    """Print the tokens as they come; then milliseconds a token, cached and recomputed."""
    decoder = load(model)
    ids = decoder.tokenizer.encode(prompt)
    running = race(decoder.engine, ids, n_tokens, repeats=1)  # what cannot be run prints nothing
    laps: list[Lap] = []
    printed = decoder.tokenizer.decode(ids)
    print(printed, end="", flush=True)
    for lap in running:
        laps.append(lap)
        text = decoder.tokenizer.decode([*ids, *(lap.next_id for lap in laps)])
        if not text.endswith("\N{REPLACEMENT CHARACTER}"):  # part of a character: wait for the rest
            print(text[len(printed) :], end="", flush=True)
            printed = text
    print("\n")
    result = RaceResult.of(laps)
    _print_times(result, len(ids))
    same = "the same tokens" if result.same_tokens else "different tokens"
    print(f"\n{same} both ways; {finish(verifying_race(decoder.engine, ids, result))}")


def _print_times(result: RaceResult, prompt_tokens: int) -> None:
    cached, recomputed = 1e3 * result.cached[0], 1e3 * result.recomputed[0]
    print(f"{'':24}{'cached':>10}{'recomputed':>12}")
    print(f"{f'prefill, {prompt_tokens} tokens':24}{cached[0]:7.1f} ms{recomputed[0]:9.1f} ms")
    if len(cached) > 1:
        print(f"{'each token after':24}{cached[1:].mean():7.1f} ms{recomputed[1:].mean():9.1f} ms")
