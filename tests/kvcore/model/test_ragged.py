"""Sequences of any lengths in one forward: each answers as if it were alone."""

import numpy as np
import pytest
import torch

from kvcore.cache import KVCache, make_cache
from kvcore.model.segments import Segment
from kvcore.model.transformer import Transformer
from kvcore.ops.attention import AttnState
from kvcore.records.cache_specs import CacheSpec, Contiguous, NoCache, Rolling, Static
from kvcore.records.config import Visibility
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import RULES, random_ids, run_oracle, tiny_config, tiny_model, tiny_weights

ATOL = 1e-4  # tiny random models
CONFIG = tiny_config()
WINDOW = RULES["window and sinks"]
SEQUENCES: dict[str, tuple[CacheSpec, Visibility, int, int]] = {  # held before, fed now
    "decode, long": (Contiguous(), Visibility(), 70, 1),
    "decode, short": (Contiguous(), Visibility(), 3, 1),
    "prefill": (Contiguous(), Visibility(), 0, 17),
    "a later chunk": (Contiguous(), Visibility(), 20, 9),
    "decode in a ring": (Rolling(), WINDOW, 40, 1),
    "chunk in a ring": (Rolling(), WINDOW, 11, 6),
    "decode in fixed slots": (Static(capacity=64), Visibility(), 30, 1),
    "recompute": (NoCache(), WINDOW, 0, 25),
    "recompute, unmasked": (NoCache(), Visibility(causal=False), 0, 8),
}


def texts() -> dict[str, list[int]]:
    return {
        name: random_ids(CONFIG, held + fed, seed)
        for seed, (name, (_, _, held, fed)) in enumerate(SEQUENCES.items())
    }


def started(model: Transformer, name: str, ids: list[int]) -> KVCache:
    """A cache of the sequence's kind that holds its past."""
    spec, rule, held, _ = SEQUENCES[name]
    cache = make_cache(spec, CONFIG, rule)
    if held:
        feed(model, cache, ids[:held], rule=rule)
    return cache


def segment(name: str, ids: list[int], cache: KVCache) -> Segment:
    _, rule, held, _ = SEQUENCES[name]
    return Segment(torch.tensor([ids[held:]]), cache, rule, [])


@pytest.mark.parametrize("which", ["", "decode"], ids=["decode beside prefill", "decode alone"])
@pytest.mark.parametrize("every_position", [False, True], ids=["last", "every position"])
@pytest.mark.parametrize("fast", [False, True], ids=["exact", "fast"])
@torch.inference_mode()
def test_each_sequence_of_a_forward_equals_itself_alone(
    every_position: bool, which: str, fast: bool
) -> None:
    """Logits, and what attention computed in every layer."""
    model = Transformer(CONFIG, tiny_weights(CONFIG), fast=True) if fast else tiny_model(CONFIG)
    together = {
        name: segment(name, ids, started(model, name, ids))
        for name, ids in texts().items()
        if name.startswith(which)
    }
    logits = model.feed(list(together.values()), every_position=every_position)
    for (name, ours), answer in zip(together.items(), logits, strict=True):
        alone = segment(name, texts()[name], started(model, name, texts()[name]))
        expected = model(*alone[:3], every_position=every_position, record=alone.record)
        np.testing.assert_allclose(answer, expected, atol=ATOL, rtol=0, err_msg=name)
        assert ours.cache.seq_len == alone.cache.seq_len
        for a, b in zip(ours.record or [], alone.record or [], strict=True):
            assert_same_state(a, b, name)


def assert_same_state(a: AttnState, b: AttnState, name: str) -> None:
    for field in AttnState._fields:
        ours, theirs = getattr(a, field).float(), getattr(b, field).float()
        np.testing.assert_allclose(ours, theirs, atol=ATOL, rtol=0, err_msg=f"{name}: {field}")


@torch.inference_mode()
def test_sequences_go_on_together_after_one_was_cropped() -> None:
    """Ten forwards over three sequences; the middle one's text changes on the way."""
    model = tiny_model(CONFIG)
    rule = Visibility()
    ids = [random_ids(CONFIG, n, seed=n) for n in (30, 44, 18)]
    caches = [make_cache(Contiguous(), CONFIG) for _ in ids]
    for i in range(10):
        if i == 6:
            caches[1].crop(13)
            ids[1] = ids[1][:13] + random_ids(CONFIG, 40, seed=99)
        sizes = (1 + i % 3, 4, 1)
        pieces = [
            Segment(torch.tensor([text[cache.seq_len : cache.seq_len + n]]), cache, rule)
            for text, cache, n in zip(ids, caches, sizes, strict=True)
        ]
        logits = model.feed(pieces)
        for text, cache, answer in zip(ids, caches, logits, strict=True):
            fresh = feed(model, make_cache(NoCache(), CONFIG), text[: cache.seq_len])
            np.testing.assert_allclose(answer[0], fresh[-1:], atol=ATOL, rtol=0)


@torch.inference_mode()
def test_every_sequence_equals_the_oracle() -> None:
    """Against plain numpy loops: two decode rows with a prefill between them."""
    model = tiny_model(CONFIG)
    names = ["decode, short", "prefill", "chunk in a ring"]
    together = [segment(name, texts()[name], started(model, name, texts()[name])) for name in names]
    for name, answer in zip(names, model.feed(together), strict=True):
        expected, _ = run_oracle(CONFIG, texts()[name], SEQUENCES[name][1])
        np.testing.assert_allclose(answer[0, 0], expected[-1], atol=ATOL, rtol=0, err_msg=name)


@torch.inference_mode()
def test_a_matrix_is_multiplied_once_for_all_sequences() -> None:
    model, rows = tiny_model(CONFIG), []
    wqkv = model.blocks[0].attn.wqkv
    model.blocks[0].attn.wqkv = lambda x: (rows.append(x.shape[1]), wqkv(x))[1]
    ids = [random_ids(CONFIG, n, seed=n) for n in (3, 1, 5)]
    rule = Visibility()
    model.feed([Segment(torch.tensor([t]), make_cache(Contiguous(), CONFIG), rule) for t in ids])
    assert rows == [9]
