"""A trace is what the model computed: read-only, each token once, and nothing when not asked."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import torch

from kvcore.model.segments import Segment
from kvcore.records.cache_specs import Contiguous, NoCache
from kvcore.records.config import RunConfig, SamplingParams
from kvcore.records.trace import LayerTrace, Step
from kvcore.study.look import look
from tests.kvcore.feeding import generate
from tests.kvcore.tiny import random_ids, tiny_engine

N_PROMPT, N_STEPS = 6, 5


def arrays(record: object) -> dict[str, np.ndarray]:
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def recorded(step: Step) -> list[np.ndarray]:
    assert step.recording is not None
    return [chunk.qkv for chunk in step.recording.chunks]


def test_a_cache_feeds_the_prompt_and_then_one_token_a_step() -> None:
    engine = tiny_engine()
    assert [step.fed for step in generate(engine).steps] == [6, 1, 1, 1, 1]
    assert [step.fed for step in generate(engine, NoCache()).steps] == [6, 7, 8, 9, 10]
    assert [step.phase for step in generate(engine).steps] == ["prefill", *["decode"] * 4]


def test_a_step_knows_what_it_fed_and_what_came_of_it() -> None:
    trace = generate(tiny_engine())
    for before, step in pairwise(trace.steps):
        assert step.ids == (*before.ids, before.next_id)
        assert step.fed_ids == (before.next_id,)
        assert step.start == step.reused == len(before.ids)
        assert step.next_id == step.logits.argmax()
        assert step.seconds > 0
    assert trace.new_ids == tuple(step.next_id for step in trace.steps)


def test_generation_stops_after_a_stop_id() -> None:
    engine = tiny_engine()
    new_ids = generate(engine).new_ids
    stop = SamplingParams(max_new_tokens=N_STEPS, stop_ids=(new_ids[2],))
    ids = random_ids(engine.model.config, N_PROMPT)
    stopped = engine.generate(ids, RunConfig(sampling=stop)).new_ids
    assert stopped == new_ids[: new_ids.index(new_ids[2]) + 1]


def test_every_array_refuses_writing() -> None:
    step = generate(tiny_engine()).steps[-1]
    layer = look(step, 1)
    assert len(arrays(layer)) == len(dataclasses.fields(LayerTrace)) == 11
    for array in [step.logits, *recorded(step), *arrays(layer).values()]:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.next_id = 3


def test_earlier_steps_stay_as_they_were_after_later_ones_and_after_a_crop() -> None:
    session = tiny_engine().session()
    steps = [session.update([5, 9, 2, 7, 7, 1]), session.step(), session.step()]
    before = [
        {name: array.copy() for name, array in arrays(look(step, 2, "all")).items()}
        for step in steps
    ]
    logits = [step.logits.copy() for step in steps]
    session.update([5, 9, 50, 51, 52, 53, 54, 55, 56])  # crops to 2, writes over the rest
    session.step()
    for step, old, old_logits in zip(steps, before, logits, strict=True):
        np.testing.assert_array_equal(step.logits, old_logits)
        for name, array in arrays(look(step, 2, "all")).items():
            np.testing.assert_array_equal(array, old[name], err_msg=name)


@pytest.mark.parametrize("cache", [Contiguous(), NoCache()], ids=["cached", "recomputed"])
def test_a_recording_holds_each_token_of_its_step_once(cache: object) -> None:
    engine = tiny_engine()
    config = engine.model.config
    for step in generate(engine, cache).steps:
        assert step.recording.n_tokens == len(step.ids)
        for layer in range(config.n_layers):
            heads = config.n_heads + 2 * config.n_kv_heads
            shape = (len(step.ids), heads, config.head_dim)
            assert step.recording.layer(layer).shape == shape


def test_steps_share_the_memory_of_their_common_tokens() -> None:
    steps = generate(tiny_engine()).steps
    for before, step in pairwise(steps):
        for old, new in zip(recorded(before), recorded(step), strict=False):
            assert np.shares_memory(old, new)
    config = steps[0].model
    width = (config.n_heads + 2 * config.n_kv_heads) * config.head_dim
    distinct = {id(array): array.nbytes for step in steps for array in recorded(step)}
    assert sum(distinct.values()) == len(steps[-1].ids) * config.n_layers * width * 4


def test_an_edited_text_shares_the_chunks_that_it_kept_whole() -> None:
    session = tiny_engine().session()
    session.update([5, 9])
    first = session.update([5, 9, 2, 7, 7, 1])
    second = session.update([5, 9, 2, 50])
    assert np.shares_memory(recorded(first)[0], recorded(second)[0])
    assert [chunk.n_tokens for chunk in second.recording.chunks] == [2, 1, 1]


def test_typing_in_the_middle_keeps_no_memory_of_what_fell_away() -> None:
    session = tiny_engine().session()
    text = [5, 9, *[7] * 40]
    for word in range(20):
        text.insert(2 + word, 50 + word)  # each word makes all behind it fall away
        step = session.update(text)
    width = (step.model.n_heads + 2 * step.model.n_kv_heads) * step.model.head_dim
    assert sum(map(held_bytes, recorded(step))) == len(step.ids) * step.model.n_layers * width * 4


def held_bytes(array: np.ndarray) -> int:
    """Bytes of the memory that an array keeps alive, seen by it or not."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    tensor = array.base
    return tensor.untyped_storage().nbytes() if isinstance(tensor, torch.Tensor) else array.nbytes


def test_without_capture_nothing_is_recorded_and_look_says_so() -> None:
    engine = tiny_engine()
    asked: list[object] = []
    plain = engine.model.feed

    def feed(segments: list[Segment]) -> list[torch.Tensor]:
        asked.extend(segment.record for segment in segments)
        return plain(segments)

    engine.model.feed = feed
    session = engine.session(capture=False)
    steps = [
        *engine.stream([5, 9, 2], RunConfig(), capture=False),
        session.update([5, 9, 2]),
        session.step(),
        session.update([5, 9, 50]),
    ]
    assert asked == [None] * len(steps)
    for step in steps:
        assert step.recording is None
        with pytest.raises(ValueError, match="capture=True"):
            look(step, 0)
