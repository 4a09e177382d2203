"""A session follows a text: it keeps the common prefix, drops the rest, feeds what is new."""

import numpy as np
import pytest

from kvcore.engine.engine import Engine
from kvcore.engine.session import Session
from kvcore.records.config import RunConfig, SamplingParams, Visibility
from kvcore.records.trace import Step
from kvcore.study.look import look
from tests.kvcore.tiny import tiny_config, tiny_engine, tiny_model

ATOL = 1e-4  # tiny random models
TEXT = [5, 9, 2, 7, 7, 1, 4, 8, 3, 6]

EDITS = {  # the new text, then reused, dropped, fed
    "append one": ([*TEXT, 50], 10, 0, 1),
    "append three": ([*TEXT, 50, 51, 52], 10, 0, 3),
    "replace in the middle": ([*TEXT[:4], 50, *TEXT[5:]], 4, 6, 6),
    "insert in the middle": ([*TEXT[:4], 50, *TEXT[4:]], 4, 6, 7),
    "delete in the middle": ([*TEXT[:5], *TEXT[6:]], 5, 5, 4),
    "delete at the end": (TEXT[:6], 5, 5, 1),
    "change the last": ([*TEXT[:-1], 50], 9, 1, 1),
    "replace all": ([50, 51, 52], 0, 10, 3),
    "down to one token": (TEXT[:1], 0, 10, 1),
}


def assert_fresh(session: Session, step: Step) -> None:
    """The step equals the first step of a new session over the same text, in every layer."""
    fresh = session.engine.session().update(step.ids)
    np.testing.assert_allclose(step.logits, fresh.logits, atol=ATOL, rtol=0)
    assert step.next_id == fresh.next_id
    assert session.cache.seq_len == step.cache.n_seen == len(step.ids)
    assert session.ids == step.ids
    for layer in range(step.model.n_layers):
        ours, theirs = look(step, layer, "all"), look(fresh, layer, "all")
        for name in ("k", "v", "weights"):
            a, b = getattr(ours, name), getattr(theirs, name)
            np.testing.assert_allclose(a, b, atol=ATOL, rtol=0)


@pytest.mark.parametrize(("text", "reused", "dropped", "fed"), EDITS.values(), ids=EDITS)
def test_an_edit_reuses_the_common_prefix_and_feeds_the_rest(
    text: list[int], reused: int, dropped: int, fed: int
) -> None:
    session = tiny_engine().session()
    first = session.update(TEXT)
    assert (first.reused, first.dropped, first.fed) == (0, 0, len(TEXT))
    step = session.update(text)
    assert (step.reused, step.dropped, step.fed) == (reused, dropped, fed)
    assert step.fed_ids == tuple(text[reused:])
    assert step.index == 1
    assert_fresh(session, step)


def test_the_same_text_again_runs_nothing_and_returns_the_last_step() -> None:
    session = tiny_engine().session()
    step = session.update(TEXT)
    assert session.update(list(TEXT)) is step


def test_step_appends_the_chosen_token_as_generate_does() -> None:
    engine = tiny_engine()
    trace = engine.generate(TEXT, RunConfig(sampling=SamplingParams(max_new_tokens=6)))
    session = engine.session()
    steps = [session.update(TEXT), *(session.step() for _ in range(5))]
    assert tuple(step.next_id for step in steps) == trace.new_ids
    for ours, theirs in zip(steps, trace.steps, strict=True):
        assert (ours.index, ours.phase, ours.ids) == (theirs.index, theirs.phase, theirs.ids)
        np.testing.assert_allclose(ours.logits, theirs.logits, atol=ATOL, rtol=0)
    assert_fresh(session, steps[-1])


def test_step_goes_on_after_an_edit_and_an_edit_after_a_step() -> None:
    session = tiny_engine().session()
    session.update(TEXT)
    session.step()
    after = session.update([*TEXT[:6], 50])
    assert (after.reused, after.dropped, after.fed) == (6, 5, 1)
    assert_fresh(session, after)
    assert_fresh(session, session.step())


def test_step_before_any_text_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 tokens in this session"):
        tiny_engine().session().step()


@pytest.mark.parametrize("seed", range(4))
def test_a_random_walk_of_edits_always_equals_a_fresh_run(seed: int) -> None:
    """Splices of any place and length, and steps, over lengths that cross a buffer's doubling."""
    rng = np.random.default_rng(seed)
    config = tiny_config("MQA" if seed % 2 else "GQA", vocab_size=16, max_seq_len=160)
    session = Engine(tiny_model(config)).session()
    text = [int(x) for x in rng.integers(0, 16, 60)]
    session.update(text)
    for _ in range(25):
        held = session.ids
        if rng.random() < 0.3:
            text = [*held, session.last.next_id]
            step, common = session.step(), len(held)
        else:
            start = int(rng.integers(0, len(text)))
            cut = text[start + int(rng.integers(0, 6)) :]
            new = [int(x) for x in rng.integers(0, 16, rng.integers(0, 9))]
            text = (text[:start] + new + cut or [3])[:150]
            step = session.update(text)
            common = next(
                (i for i, (a, b) in enumerate(zip(held, text, strict=False)) if a != b),
                min(len(held), len(text)),
            )
        if tuple(text) != held:
            reused = min(common, len(text) - 1)
            counts = (step.reused, step.dropped, step.fed)
            assert counts == (reused, len(held) - reused, len(text) - reused)
        assert step.ids == tuple(text)
        assert_fresh(session, step)


@pytest.mark.parametrize("bad", [[], [1] * 13, [104], [-1]], ids=["empty", "long", "big", "low"])
def test_a_refused_update_leaves_the_session_as_it_was(bad: list[int]) -> None:
    session = tiny_engine(max_seq_len=12).session()
    before = session.update(TEXT)
    with pytest.raises(ValueError, match=r"0 tokens|13 tokens .*max_seq_len=12|must be from"):
        session.update(bad)
    assert session.update(TEXT) is before
    step = session.step()
    assert (step.reused, step.dropped, step.fed) == (10, 0, 1)
    assert_fresh(session, step)


def test_stepping_beyond_a_full_context_is_refused_and_the_text_can_still_shrink() -> None:
    session = tiny_engine(max_seq_len=len(TEXT)).session()
    session.update(TEXT)
    with pytest.raises(ValueError, match=r"11 tokens .*max_seq_len=10"):
        session.step()
    assert_fresh(session, session.update(TEXT[:4]))


@pytest.mark.parametrize("then", ["update", "step"])
def test_an_interrupted_step_leaves_the_session_usable(
    then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in a notebook: some layers have stored the new tokens, the others not."""
    engine = tiny_engine()
    session = engine.session()
    session.update(TEXT)
    with monkeypatch.context() as patch:
        patch.setattr(engine.model.blocks[1], "attn", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            session.update([*TEXT[:4], 50, 51])
    assert session.cache[0].n_seen != session.cache.seq_len, "nothing was interrupted"
    step = session.update([*TEXT, 50]) if then == "update" else session.step()
    assert step.reused == 4
    assert_fresh(session, step)


def _interrupt(*args: object) -> None:
    raise KeyboardInterrupt


def test_a_text_needs_a_tokenizer() -> None:
    with pytest.raises(ValueError, match="no tokenizer"):
        tiny_engine().session().update("hello")


def test_an_unmasked_session_computes_as_told() -> None:
    """`causal=False` reaches the forward: the first token sees the later ones."""
    engine = tiny_engine()
    step = engine.session(visibility=Visibility(causal=False)).update(TEXT)
    assert look(step, 0).mask.all()
