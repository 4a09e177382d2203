"""`python -m training`: fetch the text, train the tokenizer and the decoder, write assets/tiny.

Seeded; one and a half to two hours on two cores. Needs npm and Debian's apt-get for the text.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from training.batches import ROW, Batches, Mix, after_the_same
from training.corpus import fetch
from training.muon import Muon
from training.tokens import END, train

TINY = Path(__file__).parents[1] / "assets" / "tiny"
SEED = 0
LEARNING_RATE = 4e-3
LEAST_RATE = 0.05  # of LEARNING_RATE, at the end of the cosine


MIX = Mix(poems=2, book=3, snippets=12, openings=0.08, famous=10)
STEPS = 9500
WARM_UP = 100
# What counts beside the loss on the text: foretelling a rehearsal, and one head that looks where
# that can be done. Left alone, the model does it in a way that nobody can see in one head.
REHEARSAL_SHARE = 1.0
GUIDE_SHARE = 0.3
GUIDED = (3, 1)  # layer, head


def new_model(vocab_size: int, stop_id: int) -> LlamaForCausalLM:
    """Four layers of width 192 with 6 query heads and 2 kv heads: 2.4 million parameters."""
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=ROW,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=stop_id,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
    )
    return LlamaForCausalLM(config)


def learn(
    model: LlamaForCausalLM, batches: Batches, steps: int, done: int = 0, bf16: bool = False
) -> Iterator[tuple[float, float, float]]:
    """Train in place from step `done` on; yields the losses on text, rehearsal and guide.

    With `bf16` the products of the forward and backward are in bf16, the weights stay in fp32.
    """
    optimizers = _optimizers(model)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(done + step, steps))
        for optimizer in optimizers
    ]
    model.train()
    for step in range(done, steps):
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            text = _foretelling(model, batches.next_batch(), batches.next_snippets())
            rehearsal, guide = _rehearsing(model, *batches.rehearsal())
        beside = REHEARSAL_SHARE * rehearsal + GUIDE_SHARE * guide
        # Less and less to the end: a model that rehearses for long goes round in circles.
        (text + _rate(step, steps) * beside).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
        yield text.item(), rehearsal.item(), guide.item()


def _foretelling(model: LlamaForCausalLM, *batches: np.ndarray) -> torch.Tensor:
    """Mean nats a token of all `batches`, each (N, T)."""
    model.set_attn_implementation("sdpa")
    total, count = torch.zeros(()), 0
    for rows in batches:
        ids = torch.from_numpy(rows)
        total = total + rows.size * _nats(model(ids).logits, ids, 1)
        count += rows.size
    return total / count


def _rehearsing(
    model: LlamaForCausalLM, rows: np.ndarray, n: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean nats a token of what `rows` (N, T) say again, and of the guided head: how little of its
    weight lies where the same token was followed before.

    That the first of `n` tokens comes again, nothing foretells: a model that is asked to begins
    anew in the middle of its own sentences.
    """
    model.set_attn_implementation("eager")  # which hands over its weights
    ids = torch.from_numpy(rows)
    out = model(ids, output_attentions=True)
    layer, head = GUIDED
    places = torch.from_numpy(after_the_same(rows))[..., None]
    weights = out.attentions[layer][:, head].gather(-1, places)  # (N, T, 1)
    return _nats(out.logits, ids, n + 1), -(weights + 1e-6).log().mean()


def _nats(logits: torch.Tensor, ids: torch.Tensor, start: int) -> torch.Tensor:
    """Mean nats a token of `ids` (N, T) from token `start` on, foretold by `logits` (N, T, V)."""
    foretold = logits[:, start - 1 : -1]  # (N, T - start, V)
    return nn.functional.cross_entropy(foretold.flatten(0, 1), ids[:, start:].flatten())


def _optimizers(model: LlamaForCausalLM) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for the rest, at the same rate."""
    hidden = [p for p in model.model.layers.parameters() if p.dim() == 2]
    inside = {id(p) for p in hidden}
    others = [p for p in model.parameters() if id(p) not in inside]
    return [
        Muon(hidden, LEARNING_RATE),
        torch.optim.AdamW(
            others, lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True
        ),
    ]


def write(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """The folder in the Hugging Face layout: fp16 weights, config, tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    # A copy: the training goes on in fp32.
    half = LlamaForCausalLM(model.config).half()
    half.load_state_dict(model.state_dict())
    half.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _rate(step: int, steps: int) -> float:
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    share = (step - WARM_UP) / (steps - WARM_UP)
    return LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * share)) / 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--out", type=Path, default=TINY)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--done", type=int, default=0, help="steps whose model is in --out")
    parser.add_argument("--bf16", action="store_true", help="faster on a processor that has bf16")
    options = parser.parse_args()
    corpus = fetch()
    tokenizer = train(corpus)
    if options.done:
        model = LlamaForCausalLM.from_pretrained(options.out, dtype=torch.float32)
    else:
        model = new_model(tokenizer.get_vocab_size(), tokenizer.token_to_id(END))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    started = time.monotonic()
    batches = Batches(corpus, tokenizer, MIX, SEED + options.done)
    recent: np.ndarray | None = None  # running means of the losses
    losses_of_steps = learn(model, batches, options.steps, options.done, options.bf16)
    for step, losses in enumerate(losses_of_steps, options.done + 1):
        recent = np.array(losses) if recent is None else 0.98 * recent + 0.02 * np.array(losses)
        if step % 50 == 0 or step == options.steps:
            text, rehearsal, guide = recent
            seconds = time.monotonic() - started
            print(
                f"step {step:5} loss {text:.3f}, rehearsal {rehearsal:.3f}, guide {guide:.3f} "
                f"{seconds:6.0f} s",
                flush=True,
            )
        if step % 500 == 0 or step == options.steps:
            write(model, tokenizer, options.out)


if __name__ == "__main__":
    main()
