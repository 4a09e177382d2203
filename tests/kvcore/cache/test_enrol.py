"""A kind of cache enrols itself once: its spec by inheriting, what makes it beside its layer."""

from dataclasses import dataclass

import pytest

from kvcore.cache import enrol, make_cache
from kvcore.cache.contiguous import contiguous_cache
from kvcore.records.accounting import step_cost
from kvcore.records.cache_specs import CacheSpec, Contiguous
from kvcore.records.config import RunConfig, Visibility
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> type[CacheSpec]:
    """A kind of this test alone, which keeps half of what it sees."""
    monkeypatch.setattr(CacheSpec, "kinds", CacheSpec.kinds)
    monkeypatch.setattr(enrol, "_MAKERS", dict(enrol._MAKERS))

    @dataclass(frozen=True)
    class Odd(CacheSpec):
        def tokens_held(self, rule: Visibility, *, seen: int) -> int:
            return seen // 2

    return Odd


def test_every_kind_is_made_by_somebody() -> None:
    assert CacheSpec.kinds
    assert enrol.not_enrolled() == []


def test_a_kind_that_nobody_makes_is_named(odd: type[CacheSpec]) -> None:
    assert enrol.not_enrolled() == ["Odd"]


def test_a_kind_that_enrolled_runs_and_is_counted_without_another_line(
    odd: type[CacheSpec],
) -> None:
    enrol.makes(odd)(contiguous_cache)
    engine = tiny_engine()
    config = engine.model.config
    ids = random_ids(config, 6)
    assert len(make_cache(odd(), config).layers) == config.n_layers
    run = RunConfig(cache=odd())
    assert len(engine.generate(ids, run).steps) == run.sampling.max_new_tokens
    half, whole = (step_cost(config, fed=1, seen=6, cache=kind) for kind in (odd(), Contiguous()))
    assert 2 * half.held_bytes == whole.held_bytes
    assert half.read_bytes == whole.read_bytes


def test_what_is_no_kind_is_refused_with_all_that_there_are() -> None:
    for nothing in (CacheSpec(), Contiguous, None):
        with pytest.raises(ValueError, match=r"must be NoCache\(...\) or Contiguous\(...\) or"):
            make_cache(nothing, tiny_config())  # type: ignore[arg-type]
