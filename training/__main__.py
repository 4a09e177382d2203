"""`python -m training`: fetch the text, train the tokenizer and the decoder, write assets/tiny.

Seeded; about an hour on two free cores. Needs npm and Debian's apt-get for the text.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from training.batches import ROW, Batches, Mix
from training.corpus import fetch
from training.tokens import END, train

TINY = Path(__file__).parents[1] / "assets" / "tiny"
SEED = 0
LEARNING_RATE = 2e-3
LEAST_RATE = 0.05  # of LEARNING_RATE, at the end of the cosine


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Steps with one mix of rows, from a new optimizer."""

    mix: Mix
    steps: int
    horizon: int  # steps until the cosine would end
    warm_up: int
    seed: int


STAGES = (
    # To read: large batches, and nearly the full learning rate to the end.
    Stage(
        mix=Mix(poems=5, openings=2, passages=1, book=8),
        steps=2000,
        horizon=4500,
        warm_up=100,
        seed=0,
    ),
    # To settle: smaller batches, and a quarter of the rows repeat themselves.
    Stage(
        mix=Mix(poems=2, openings=1, passages=1, book=3, words=1, famous=10),
        steps=3000,
        horizon=3000,
        warm_up=50,
        seed=1,
    ),
)


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


def learn(model: LlamaForCausalLM, batches: Batches, stage: Stage) -> Iterator[float]:
    """Train in place; yields the loss of each step."""
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.95), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, stage))
    model.train()
    for _ in range(stage.steps):
        ids = torch.from_numpy(batches.next_batch())  # (rows, ROW)
        logits = model(ids).logits[:, :-1]
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        yield loss.item()


def write(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """The folder in the Hugging Face layout: fp16 weights, config, tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    # A copy: the training goes on in fp32.
    half = LlamaForCausalLM(model.config).half()
    half.load_state_dict(model.state_dict())
    half.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _rate(step: int, stage: Stage) -> float:
    if step < stage.warm_up:
        return (step + 1) / stage.warm_up
    share = (step - stage.warm_up) / (stage.horizon - stage.warm_up)
    return LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * share)) / 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--out", type=Path, default=TINY)
    parser.add_argument("--skip", type=int, default=0, help="stages done, whose model is in --out")
    options = parser.parse_args()
    corpus = fetch()
    tokenizer = train(corpus)
    if options.skip:
        model = LlamaForCausalLM.from_pretrained(options.out, dtype=torch.float32)
    else:
        model = new_model(tokenizer.get_vocab_size(), tokenizer.token_to_id(END))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    started = time.monotonic()
    for number, stage in enumerate(STAGES[options.skip :], options.skip + 1):
        batches = Batches(corpus, tokenizer, stage.mix, stage.seed)
        recent = math.nan
        for step, loss in enumerate(learn(model, batches, stage), 1):
            recent = loss if math.isnan(recent) else 0.98 * recent + 0.02 * loss
            if step % 50 == 0 or step == stage.steps:
                seconds = time.monotonic() - started
                print(
                    f"stage {number} step {step:5} loss {recent:.3f} {seconds:6.0f} s", flush=True
                )
            if step % 500 == 0 or step == stage.steps:
                write(model, tokenizer, options.out)


if __name__ == "__main__":
    main()
