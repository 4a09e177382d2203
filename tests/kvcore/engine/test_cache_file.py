"""A saved cache goes on as the one in memory does, and belongs to its model alone."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from kvcore.engine.engine import Engine
from kvcore.engine.session import Session
from kvcore.model.fingerprint import fingerprint
from kvcore.model.transformer import Transformer
from kvcore.records.cache_specs import CacheSpec, NoCache, Rolling
from kvcore.records.config import SamplingParams, Visibility
from kvcore.study.look import look
from tests.kvcore.engine.saving import BY_KIND, WINDOW
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine, tiny_model, tiny_weights


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Session, Path]:
    session = tiny_engine().session(cache=Rolling(), visibility=WINDOW)
    session.update(random_ids(session.engine.model.config, 11))
    session.save(tmp_path / "cache.safetensors")
    return session, tmp_path / "cache.safetensors"


@pytest.mark.parametrize("temperature", [0.0, 1.5])
@BY_KIND
def test_going_on_from_the_file_equals_going_on_in_memory(
    cache: CacheSpec, rule: Visibility, temperature: float, tmp_path: Path
) -> None:
    sampling = SamplingParams(temperature=temperature, seed=3)
    engine = tiny_engine()
    session = engine.session(cache=cache, visibility=rule, sampling=sampling)
    session.update(random_ids(engine.model.config, 9))
    for _ in range(3):
        session.step()
    session.save(tmp_path / "cache")
    resumed = tiny_engine().resume(tmp_path / "cache")  # another engine, as in another process
    assert (resumed.ids, resumed.run) == (session.ids, session.run)
    for _ in range(12):
        ours, theirs = resumed.step(), session.step()
        assert (ours.index, ours.start, ours.next_id) == (
            theirs.index,
            theirs.start,
            theirs.next_id,
        )
        np.testing.assert_array_equal(ours.logits, theirs.logits)
        assert ours.cache.held_bytes == theirs.cache.held_bytes


@BY_KIND
def test_a_resumed_text_can_be_edited(cache: CacheSpec, rule: Visibility, tmp_path: Path) -> None:
    engine = tiny_engine()
    session = engine.session(cache=cache, visibility=rule)
    text = random_ids(engine.model.config, 12)
    last = session.update(text)
    session.save(tmp_path / "cache")
    resumed = engine.resume(tmp_path / "cache")
    again = resumed.update(text)
    assert (again.fed_ids, again.next_id) == (last.fed_ids, last.next_id)
    assert again.cache.last_layer.slot_pos.tolist() == last.cache.last_layer.slot_pos.tolist()
    for edited in ([*text, 5, 6], [*text[:5], 7, 7]):
        expected, _ = engine.recompute(edited, rule)
        np.testing.assert_allclose(resumed.update(edited).logits, expected[-1], atol=1e-4)


def test_a_resumed_session_has_no_queries_to_look_at(saved: tuple[Session, Path]) -> None:
    session, path = saved
    resumed = session.engine.resume(path)
    for step in (resumed.last, resumed.step()):
        with pytest.raises(ValueError, match="recorded nothing"):
            look(step, 0)
    assert not [name for name in load_file(path) if name.endswith(".q")]


def test_the_file_holds_the_rows_of_the_cache_and_little_else(saved: tuple[Session, Path]) -> None:
    session, path = saved
    tensors = load_file(path)
    rows = [tensor for name, tensor in tensors.items() if name.startswith("layers.")]
    assert sum(tensor.nbytes for tensor in rows) == session.last.cache.held_bytes
    assert tensors["pos"].tolist() == [0, 1, 7, 8, 9, 10]


def test_a_file_of_another_model_is_refused_by_what_differs(saved: tuple[Session, Path]) -> None:
    _, path = saved
    with pytest.raises(ValueError, match="another model: the same config with other weights"):
        tiny_engine(seed=1).resume(path)
    with pytest.raises(ValueError, match="another model: n_kv_heads=2 there and 1 here"):
        tiny_engine("MQA").resume(path)


def test_what_holds_nothing_cannot_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, path = tiny_engine(), tmp_path / "cache"
    with pytest.raises(ValueError, match=r"0 tokens in this session: update\(text\) first"):
        engine.session().save(path)
    session = engine.session(cache=NoCache())
    session.update([5, 9])
    with pytest.raises(ValueError, match=r"NoCache\(\) has no rows that could be saved"):
        session.save(path)
    session = engine.session()
    session.update([5, 9, 2])
    with monkeypatch.context() as patch:
        patch.setattr(engine.model.blocks[1], "attn", None)
        with pytest.raises(TypeError):
            session.update([5, 9, 7, 8])
    with pytest.raises(ValueError, match=r"layer 0 has seen 4 of 3 tokens: update\(text\) first"):
        session.save(path)
    assert not path.exists()


def test_a_place_where_nothing_can_be_written_is_named(saved: tuple[Session, Path]) -> None:
    session, path = saved
    for wrong in (path.parent / "no" / "where", path.parent):
        with pytest.raises(OSError, match=f"{wrong.name} cannot be written"):
            session.save(wrong)


def test_the_fingerprint_is_of_config_and_weights_and_not_of_the_machine() -> None:
    config = tiny_config()
    known = fingerprint(tiny_model(config))
    assert fingerprint(tiny_model(config, slices=1)) == known
    assert Engine(tiny_model(config)).fingerprint == known
    assert fingerprint(tiny_model(tiny_config(norm_eps=1e-4))) != known
    for either in (config, tiny_config(tied=False)):
        known = fingerprint(tiny_model(either))
        for name in tiny_weights(either):
            weights = tiny_weights(either)
            weights[name].view(-1)[-1] += 1e-6
            assert fingerprint(Transformer(either, weights)) != known, name
