"""Caches merged into one batch: one product of attention for all, each as if it were alone."""

import weakref
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pytest
import torch
from torch import Tensor

from kvcore.cache import KVCache, make_cache
from kvcore.cache.batch import ROOM, SHORTEST, merge_into_batch, slot_of
from kvcore.model.segments import Segment
from kvcore.model.transformer import Transformer
from kvcore.ops.attention import AttnState, attend
from kvcore.records.cache_specs import Contiguous, Rolling, Static
from kvcore.records.config import Visibility
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import random_ids, tiny_config, tiny_model

ATOL = 1e-4  # tiny random models
CONFIG = tiny_config(max_seq_len=1024)
CAUSAL = Visibility()
LENGTHS = (5, 40, 1, 17)
Answers: TypeAlias = dict[int, tuple[Tensor, list[AttnState]]]


@pytest.fixture
def model() -> Transformer:
    return tiny_model(CONFIG)


def text(i: int) -> list[int]:
    return random_ids(CONFIG, 500, seed=i)


def started(
    model: Transformer, lengths: Sequence[int] = LENGTHS, rule: Visibility = CAUSAL
) -> list[KVCache]:
    """Caches that hold so many tokens of a text each."""
    caches = [make_cache(Contiguous(), CONFIG, rule) for _ in lengths]
    for i, (n, cache) in enumerate(zip(lengths, caches, strict=True)):
        if n:
            feed(model, cache, text(i)[:n], rule=rule)
    return caches


@torch.inference_mode()
def step(model: Transformer, caches: dict[int, KVCache], rule: Visibility = CAUSAL) -> Answers:
    """The next token of text i for each: logits, and what attention computed in every layer."""
    segments = [
        Segment(torch.tensor([[text(i)[cache.seq_len]]]), cache, rule, [])
        for i, cache in caches.items()
    ]
    logits = model.feed(segments)
    return {
        i: (answer[0, 0], segment.record or [])
        for i, segment, answer in zip(caches, segments, logits, strict=True)
    }


def assert_as_if_alone(
    model: Transformer, answers: Answers, caches: dict[int, KVCache], rule: Visibility = CAUSAL
) -> None:
    """Logits and states equal those of a sequence that nobody disturbed."""
    for i, (logits, states) in answers.items():
        [alone] = started(model, [0], rule)
        if caches[i].seq_len > 1:
            feed(model, alone, text(i)[: caches[i].seq_len - 1], rule=rule)
        expected, expected_states = step(model, {i: alone}, rule)[i]
        np.testing.assert_allclose(logits, expected, atol=ATOL, rtol=0)
        assert len(states) == CONFIG.n_layers
        for ours, theirs in zip(states, expected_states, strict=True):
            for name, a, b in zip(AttnState._fields, ours, theirs, strict=True):
                np.testing.assert_allclose(a.float(), b.float(), atol=ATOL, rtol=0, err_msg=name)


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sequences each product of attention was for."""
    seen: list[int] = []

    def counting(q: Tensor, *others: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        seen.append(len(q))
        return attend(q, *others)

    monkeypatch.setattr("kvcore.model.transformer.attend", counting)
    return seen


@pytest.mark.parametrize("rule", [CAUSAL, Visibility(window=4, n_sink=2)], ids=["all", "window"])
@pytest.mark.parametrize("lengths", [LENGTHS, (9, 9, 9)], ids=str)
def test_each_sequence_of_a_batch_equals_itself_alone(
    model: Transformer, products: list[int], lengths: tuple[int, ...], rule: Visibility
) -> None:
    """Logits and states over three steps, from lengths that differ and from the same."""
    caches = dict(enumerate(started(model, lengths, rule=rule)))
    merge_into_batch(list(caches.values()))
    for _ in range(3):
        products.clear()
        answers = step(model, caches, rule)
        assert products == [len(caches)] * CONFIG.n_layers
        assert_as_if_alone(model, answers, caches, rule)


def test_nothing_in_a_batch_sees_past_the_models_own_window() -> None:
    model = tiny_model(tiny_config(window=4))
    caches = dict(enumerate(started(model)))
    merge_into_batch(list(caches.values()))
    assert_as_if_alone(model, step(model, caches), caches)


def test_whatever_order_they_are_fed_in(model: Transformer, products: list[int]) -> None:
    caches = started(model)
    merge_into_batch(caches)
    fed = {i: caches[i] for i in (2, 0, 3, 1)}
    products.clear()
    answers = step(model, fed)
    assert products == [4] * CONFIG.n_layers
    assert_as_if_alone(model, answers, fed)


def test_those_on_both_sides_of_one_that_is_not_fed_are_two_batches(
    model: Transformer, products: list[int]
) -> None:
    caches = started(model, (5, 40, 1, 17, 9))
    merge_into_batch(caches)
    fed = {i: caches[i] for i in (0, 1, 3, 4)}
    products.clear()
    answers = step(model, fed)
    assert products == [2, 2] * CONFIG.n_layers
    assert_as_if_alone(model, answers, fed)
    assert caches[2].seq_len == 1
    everyone = dict(enumerate(caches))
    assert_as_if_alone(model, step(model, everyone), everyone)


def test_the_forward_may_hold_a_prompt_as_well(model: Transformer) -> None:
    caches = started(model)
    merge_into_batch(caches)
    [other] = started(model, [0])
    prompt = Segment(torch.tensor([text(9)[:13]]), other, CAUSAL)
    decoded = [
        Segment(torch.tensor([[text(i)[c.seq_len]]]), c, CAUSAL) for i, c in enumerate(caches)
    ]
    with torch.inference_mode():
        answers = model.feed([*decoded[:2], prompt, *decoded[2:]])
    for i, answer in zip((0, 1, 9, 2, 3), answers, strict=True):
        n = 13 if i == 9 else caches[i].seq_len
        [alone] = started(model, [0])
        expected = feed(model, alone, text(i)[:n])[-1]
        np.testing.assert_allclose(answer[0, 0], expected, atol=ATOL, rtol=0)


def test_a_cropped_one_goes_on_with_its_new_text(model: Transformer) -> None:
    """What it has forgotten still lies in its slot."""
    caches = dict(enumerate(started(model)))
    merge_into_batch(list(caches.values()))
    step(model, caches)
    caches[1].crop(13)
    assert_as_if_alone(model, step(model, caches), caches)


def test_one_that_outgrows_its_place_leaves_and_comes_back(
    model: Transformer, products: list[int]
) -> None:
    caches = dict(enumerate(started(model, (SHORTEST - ROOM, 3, 8))))
    merge_into_batch(list(caches.values()))
    for expected in [[3]] * ROOM + [[1, 2]]:
        products.clear()
        answers = step(model, caches)
        assert sorted(products) == sorted(expected * CONFIG.n_layers)
    assert_as_if_alone(model, answers, caches)
    while caches[1].seq_len < SHORTEST - ROOM + 1:
        step(model, {i: caches[i] for i in (1, 2)})
    merge_into_batch(list(caches.values()))  # all need as many slots now
    products.clear()
    answers = step(model, caches)
    assert products == [3] * CONFIG.n_layers
    assert_as_if_alone(model, answers, caches)


def test_a_place_ends_where_the_models_longest_text_does() -> None:
    config = tiny_config(max_seq_len=70)
    model = tiny_model(config)
    caches = [make_cache(Contiguous(), config) for _ in range(2)]
    for cache, n in zip(caches, (69, 60), strict=True):
        feed(model, cache, random_ids(config, n))
    merge_into_batch(caches)
    feed(model, caches[0], [3])
    with pytest.raises(ValueError, match="71 tokens do not fit max_seq_len=70"):
        feed(model, caches[0], [3])


def test_putting_together_what_lies_together_moves_nothing(model: Transformer) -> None:
    caches = started(model)
    merge_into_batch(caches)
    before = [slot_of(cache) for cache in caches]
    assert all(before)
    merge_into_batch(caches)
    assert [slot_of(cache) for cache in caches] == before


def test_other_kinds_and_empty_caches_stay_where_they_are(model: Transformer) -> None:
    window = Visibility(window=4)
    others = [
        make_cache(Static(capacity=64), CONFIG),
        make_cache(Rolling(), CONFIG, window),
        make_cache(Contiguous(), CONFIG),
    ]
    for cache in others[:2]:
        feed(model, cache, text(7)[:5], rule=window)
    with torch.inference_mode():
        model(torch.tensor([text(7)[:5], text(8)[:5]]), others[2], CAUSAL)  # a batch of its own
    [empty] = started(model, [0])
    [full] = started(model, [CONFIG.max_seq_len - 56])
    feed(model, full, text(8)[:56])
    caches = started(model)
    merge_into_batch([caches[0], *others, caches[1], empty, full])
    assert slot_of(caches[0])
    assert slot_of(caches[1])
    assert not any(map(slot_of, [*others, empty, full]))


def test_one_that_comes_later_joins_wherever_it_stands(
    model: Transformer, products: list[int]
) -> None:
    """Also beside one that was left over from another batch."""
    caches = started(model, (5, 9, 1, 17))
    for company in ((0, 1), (0, 2), (0, 1, 2), (3, 0, 1, 2), (2,), (2, 0)):
        fed = {i: caches[i] for i in company}
        merge_into_batch(list(fed.values()))
        products.clear()
        answers = step(model, fed)
        assert products == [len(company)] * CONFIG.n_layers
        assert_as_if_alone(model, answers, fed)


def test_short_ones_do_not_get_places_as_long_as_a_long_ones(
    model: Transformer, products: list[int]
) -> None:
    caches = dict(enumerate(started(model, (5, 260, 9, 400))))
    merge_into_batch(list(caches.values()))
    snapshots = [caches[i].snapshot().last_layer for i in caches]
    assert [len(snapshot.slot_pos) for snapshot in snapshots] == [256, 512, 256, 512]
    products.clear()
    answers = step(model, caches)
    assert products == [2, 2] * CONFIG.n_layers
    assert_as_if_alone(model, answers, caches)


def test_caches_of_different_models_go_to_different_batches(model: Transformer) -> None:
    other = tiny_config("MHA")
    theirs = [make_cache(Contiguous(), other) for _ in range(2)]
    for cache in theirs:
        feed(tiny_model(other), cache, random_ids(other, 5))
    ours = started(model)
    merge_into_batch([ours[0], theirs[0], ours[1], theirs[1]])
    for a, b in ((ours[0], ours[1]), (theirs[0], theirs[1])):
        first, second = slot_of(a), slot_of(b)
        assert first
        assert second
        assert first.is_before(second)
        assert first.batch.n_slots == 2


def test_rules_and_records_may_differ_within_a_batch(
    model: Transformer, products: list[int]
) -> None:
    rules = [CAUSAL, Visibility(window=3), Visibility(window=4, n_sink=2), CAUSAL]
    caches = started(model)
    merge_into_batch(caches)
    segments = [
        Segment(torch.tensor([[text(i)[c.seq_len]]]), c, rule, [] if i % 2 else None)
        for i, (c, rule) in enumerate(zip(caches, rules, strict=True))
    ]
    products.clear()
    with torch.inference_mode():
        answers = model.feed(segments, every_position=True)
    assert products == [4] * CONFIG.n_layers
    for i, (answer, segment) in enumerate(zip(answers, segments, strict=True)):
        alone = started(model)[i]
        record: list[AttnState] = []
        with torch.inference_mode():
            expected = model(segment.ids, alone, rules[i], record=record)
        np.testing.assert_allclose(answer, expected, atol=ATOL, rtol=0)
        assert [s.mask.tolist() for s in segment.record or []] == [
            s.mask.tolist() for s in record if i % 2
        ]


def test_one_without_a_mask_goes_alone(model: Transformer, products: list[int]) -> None:
    caches = started(model)
    merge_into_batch(caches)
    rules = [CAUSAL, CAUSAL, Visibility(causal=False), CAUSAL]
    products.clear()
    with torch.inference_mode():
        model.feed(
            [
                Segment(torch.tensor([[text(i)[c.seq_len]]]), c, rule)
                for i, (c, rule) in enumerate(zip(caches, rules, strict=True))
            ]
        )
    assert sorted(products) == [1] * 2 * CONFIG.n_layers + [2] * CONFIG.n_layers


def test_the_memory_is_free_when_all_have_left(model: Transformer) -> None:
    caches = started(model)
    merge_into_batch(caches)
    slot = slot_of(caches[0])
    assert slot
    batch = weakref.ref(slot.batch)
    del slot
    merge_into_batch(caches[:2])
    assert batch() is not None
    del caches[2:]
    assert batch() is None  # at once: no cycle keeps it


def test_a_place_tells_the_bytes_of_its_own_slots(model: Transformer) -> None:
    caches = started(model)
    merge_into_batch(caches)
    snapshot = caches[1].snapshot()
    slot = 2 * CONFIG.n_kv_heads * CONFIG.head_dim * 4
    assert snapshot.held_bytes == 40 * slot * CONFIG.n_layers
    assert snapshot.allocated_bytes == SHORTEST * slot * CONFIG.n_layers
