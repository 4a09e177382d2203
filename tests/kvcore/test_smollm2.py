"""SmolLM2 on its real weights: the same logits and the same greedy tokens as transformers.

The cached run is a true loop, token by token. The other two ways are checked by one forward over
prompt and output: when its choice at every position is the token that was written there, a greedy
loop writes the same text, by induction. One prompt is looped truly all three ways besides.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.checkpoint.weights import load_transformer
from kvcore.engine.engine import Engine
from kvcore.ops.products import MANY_ROWS
from kvcore.records.cache_specs import (
    CacheSpec,
    Contiguous,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
)
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.records.trace import Trace
from kvcore.study.compare import verify
from kvcore.study.damage import damage
from kvcore.study.look import look
from kvcore.text.tokenizer import Tokenizer
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import NEEDS_FBGEMM

transformers = pytest.importorskip("transformers")

TOLERANCE = 2e-4  # fp32; sums run in another order
N_NEW = 64
PROMPTS = {
    "capital": "The capital of France is",
    "story": "Once upon a time, a small robot found a door in the forest. It",
    "chat": "<|im_start|>user\nWhat is gravity?<|im_end|>\n<|im_start|>assistant\n",
    "chinese": "床前明月光,疑是地上霜。举头望明月,",
    "chinese prose": "今天天气很好,我们去公园散步,看见了",
    "python": "def fibonacci(n):\n    if n < 2:\n        return n\n",
    "javascript": "const sum = (items) => items.reduce((a, b) =>",
    "numbers": "In 1969, 3 people flew 384,400 km to the Moon. In 1972,",
    "list": "Three fruits:\n1. Apple\n2. Pear\n3.",
    "one token": "The",
}
ISHMAEL = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in "
    "my purse, and nothing particular to interest me on shore, I thought I would sail about a "
    "little and see the watery part of the world. It is a way I have of driving off the spleen and "
    "regulating the circulation. Whenever I find myself growing grim about the mouth; whenever it "
    "is a damp, drizzly November in my soul; whenever I find myself involuntarily pausing before "
    "coffin warehouses, and bringing up the rear of every funeral I meet"
)
BY_NAME = pytest.mark.parametrize("name", PROMPTS)


@pytest.fixture(scope="module")
def engine(smollm2_folder: Path) -> Engine:
    return Engine(load_transformer(smollm2_folder), Tokenizer.from_folder(smollm2_folder))


@pytest.fixture(scope="module")
def theirs(smollm2_folder: Path) -> "transformers.LlamaForCausalLM":
    return transformers.LlamaForCausalLM.from_pretrained(
        smollm2_folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()


@pytest.fixture(scope="module")
def traces(engine: Engine) -> dict[str, Trace]:
    """Each prompt written on by 64 tokens, with the cache, as the site does it."""
    run = RunConfig(sampling=SamplingParams(max_new_tokens=N_NEW))
    return {
        name: engine.generate(engine.tokenizer.encode(prompt), run)
        for name, prompt in PROMPTS.items()
    }


@torch.inference_mode()
def their_logits(theirs: "transformers.LlamaForCausalLM", ids: tuple[int, ...]) -> np.ndarray:
    return theirs(torch.tensor([ids]), use_cache=False).logits[0].numpy()


@BY_NAME
def test_logits_and_64_greedy_tokens_are_the_same_cached_recomputed_and_in_transformers(
    name: str, engine: Engine, theirs: "transformers.LlamaForCausalLM", traces: dict[str, Trace]
) -> None:
    trace = traces[name]
    ids, first = trace.steps[-1].ids, len(trace.prompt_ids) - 1
    cached = np.stack([step.logits for step in trace.steps])  # from the prompt's last token on
    recomputed, _ = engine.recompute(ids)
    reference = their_logits(theirs, ids)
    np.testing.assert_allclose(cached, reference[first:], atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(recomputed, reference, atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(cached, recomputed[first:], atol=TOLERANCE, rtol=0)
    assert len(trace.new_ids) == N_NEW
    assert trace.new_ids == tuple(recomputed[first:].argmax(-1))
    assert trace.new_ids == tuple(reference[first:].argmax(-1))


def test_one_prompt_truly_looped_three_ways_gives_the_same_tokens(
    engine: Engine, theirs: "transformers.LlamaForCausalLM", traces: dict[str, Trace]
) -> None:
    cached = traces["capital"]
    run = RunConfig(cache=NoCache(), sampling=SamplingParams(max_new_tokens=N_NEW))
    assert engine.generate(cached.prompt_ids, run, capture=False).new_ids == cached.new_ids
    out = theirs.generate(
        torch.tensor([cached.prompt_ids]),
        max_new_tokens=N_NEW,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )
    assert tuple(out[0, len(cached.prompt_ids) :].tolist()) == cached.new_ids


def test_a_text_of_many_rows_is_exact_whose_first_token_draws_all_attention(
    engine: Engine, theirs: "transformers.LlamaForCausalLM"
) -> None:
    """Some of its numbers are thousands of times those of other tokens, and sums round them off."""
    ids = tuple(engine.tokenizer.encode(f"{PROMPTS['story']} {ISHMAEL}"))
    assert len(ids) >= MANY_ROWS
    logits, _ = engine.recompute(ids)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


@NEEDS_FBGEMM
def test_fast_loses_next_to_nothing_of_weights_that_are_fp16_numbers(
    smollm2_folder: Path, engine: Engine, theirs: "transformers.LlamaForCausalLM"
) -> None:
    fast = Engine(load_transformer(smollm2_folder, fast=True))
    assert fast.fingerprint == engine.fingerprint
    for name in ("capital", "story", "chinese"):
        ids = tuple(engine.tokenizer.encode(PROMPTS[name]))
        logits, _ = fast.recompute(ids)
        np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=5e-4, rtol=0)


@pytest.mark.parametrize("largest", [1, 9], ids=["one by one", "ragged"])
@pytest.mark.parametrize("name", ["story", "chinese", "python"])
def test_a_prompt_fed_in_pieces_equals_transformers_at_every_position(
    name: str, largest: int, engine: Engine, theirs: "transformers.LlamaForCausalLM"
) -> None:
    ids = tuple(engine.tokenizer.encode(PROMPTS[name]))
    chunks: list[int] = []
    while sum(chunks) < len(ids):
        chunks.append(min(1 + len(chunks) * 4 % largest, len(ids) - sum(chunks)))
    cache = make_cache(Contiguous(), engine.model.config)
    logits = feed(engine.model, cache, ids, chunks)
    np.testing.assert_allclose(logits, their_logits(theirs, ids), atol=TOLERANCE, rtol=0)


@torch.inference_mode()
def test_keys_values_and_weights_are_those_of_transformers(
    engine: Engine, theirs: "transformers.LlamaForCausalLM"
) -> None:
    """What the pages draw, in every layer and head, against DynamicCache and its attentions."""
    ids = engine.tokenizer.encode(PROMPTS["story"])
    kept = transformers.DynamicCache()
    out = theirs(torch.tensor([ids]), cache=kept, use_cache=True, output_attentions=True)
    session = engine.session()
    for end in (5, 6, 7, len(ids)):
        step = session.update(ids[:end])
    for i in range(engine.model.config.n_layers):
        layer = look(step, i, "all")
        np.testing.assert_allclose(layer.k, kept.layers[i].keys[0], atol=TOLERANCE, rtol=0)
        np.testing.assert_allclose(layer.v, kept.layers[i].values[0], atol=TOLERANCE, rtol=0)
        np.testing.assert_allclose(layer.weights, out.attentions[i][0], atol=1e-5, rtol=0)


def test_4_bits_damage_a_real_text_more_than_8_and_save_more(engine: Engine) -> None:
    exact, eight, four = (
        damage(engine, engine.tokenizer.encode(ISHMAEL), cache=cache)
        for cache in (Contiguous(), Quantized(bits=8), Quantized(bits=4))
    )
    kls = [found.quality.mean_kl for found in (exact, eight, four)]
    assert kls[0] < 1e-8 < kls[1] < kls[2] / 10
    assert kls[2] < 0.1, "4 bits keep most of what the model knew"
    assert four.saved_bytes > eight.saved_bytes > exact.saved_bytes == 0


@pytest.mark.parametrize(
    ("cache", "rule"),
    [
        (Rolling(), Visibility(window=16, n_sink=4)),
        (Static(capacity=120), Visibility()),
        (Paged(), Visibility()),
        (Contiguous(), Visibility()),
    ],
    ids=str,
)
def test_each_kind_of_cache_is_exact_and_goes_on_from_its_file(
    engine: Engine, cache: CacheSpec, rule: Visibility, tmp_path: Path
) -> None:
    session = engine.session(cache=cache, visibility=rule)
    steps = [session.update(PROMPTS["story"]), *(session.step() for _ in range(24))]
    assert verify(engine, steps).equal
    session.save(tmp_path / "cache")
    resumed = engine.resume(tmp_path / "cache")
    for _ in range(8):
        ours, theirs = resumed.step(), session.step()
        assert ours.next_id == theirs.next_id
        np.testing.assert_allclose(ours.logits, theirs.logits, atol=TOLERANCE, rtol=0)


def test_blocks_give_the_logits_of_the_contiguous_cache_bit_for_bit(engine: Engine) -> None:
    ids = engine.tokenizer.encode(ISHMAEL)[:50]
    paged, plain = (
        feed(engine.model, make_cache(spec, engine.model.config), ids, [20, 1, 1, 17, *[1] * 11])
        for spec in (Paged(), Contiguous())
    )
    np.testing.assert_array_equal(paged, plain)
