"""`python -m kvcore bench` and `python -m kvcore numerics`: what they take and print."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from kvcore.bench.rounding import reach
from kvcore.checkpoint.fetch import NAMES
from kvcore.commands.called import called
from kvcore.decoder import load
from kvcore.study.compare import TOLERANCE
from kvcore.study.numerics import PROMPTS, numerics


def bench_command(args: Sequence[str]) -> None:
    """Print the table of `kvcore.bench`, line by line as it is measured."""
    from kvcore.bench import report  # nobody else needs it

    parser = _parser("bench", "Time kvcore beside transformers and llama.cpp, where installed.")
    parser.add_argument("--contexts", type=int, nargs="+", default=[16, 64, 256, 512])
    parser.add_argument("--repeats", type=int, default=5, help="runs at each context")
    parser.add_argument("--tokens", type=int, default=10, help="decode steps of a run")
    parser.add_argument(
        "--waiting",
        choices=["active", "passive"],
        default="active",
        help="what threads do between two products: spin (active, for a machine that does nothing "
        "else) or sleep (passive, what kvcore sets for machines that do)",
    )
    options = parser.parse_args(args)
    policy = options.waiting.upper()
    if os.environ["OMP_WAIT_POLICY"] != policy:  # read once, when torch is loaded
        command = [sys.executable, "-m", "kvcore", "bench", *args]
        again = subprocess.run(command, env={**os.environ, "OMP_WAIT_POLICY": policy}, check=False)
        sys.exit(again.returncode)
    for line in report(options.model, options.contexts, options.repeats, options.tokens):
        print(line, flush=True)


def numerics_command(args: Sequence[str]) -> None:
    """Print a line for each type of numbers: largest gap, and the first flip of each prompt."""
    parser = _parser("numerics", "Compare cached with recomputed in fp64, fp32, fp16 and bf16.")
    parser.add_argument("--tokens", type=int, default=32, help="written after each of ten prompts")
    parser.add_argument(
        "--texts",
        action="store_true",
        help="count instead the texts of a stated set in which rounding moves a logit by more than "
        f"{TOLERANCE:g}, in fp32 and in the fast mode; takes minutes",
    )
    options = parser.parse_args(args)
    decoder = load(options.model)
    if options.texts:
        print(f"{options.model}: texts in which a logit moves by more than {TOLERANCE:g}")
        for reached in reach(decoder, load(options.model, fast=True)):
            print(reached, flush=True)
        return
    encoded = [decoder.tokenizer.encode(prompt) for prompt in PROMPTS]
    prompts = [ids for ids in encoded if ids]  # a small tokenizer may know none of its characters
    running = numerics(decoder.path, prompts, options.tokens)  # what cannot be run prints nothing
    print(
        f"{options.model}: cached against recomputed, {len(prompts)} prompts, "
        f"{options.tokens} tokens written after each"
    )
    print(f"{'':26}{'largest logit gap':>18}   first step with another likeliest token, by prompt")
    for found in running:
        flips = " ".join("-" if step is None else str(step) for step in found.first_flips)
        print(f"{found.name:26}{found.gap:18.1e}   {flips}", flush=True)


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"{called()} {command}", description=description)
    parser.add_argument(
        "--model", default=NAMES[0], help=f"a name or a folder; {NAMES[0]} by default"
    )
    return parser
