"""The proof by deletion: old q can go, old k and v cannot; and the proof itself can fail."""

import numpy as np
import pytest
import torch
from tiny import HEADS, random_ids, tiny_config, tiny_engine, tiny_model

from kvcore.cache import KVCache, KVView, make_cache
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.config import Contiguous, Visibility
from kvcore.deletion import delete
from kvcore.engine import Engine
from kvcore.model import AttnState, Transformer

N_TOKENS = 9


@pytest.mark.parametrize("heads", HEADS)
def test_deleting_old_q_leaves_the_logits_exactly_as_they_were(heads: str) -> None:
    engine = tiny_engine(heads)
    config = engine.model.config
    deletion = delete(engine, random_ids(config, N_TOKENS), "q")
    np.testing.assert_array_equal(deletion.after, deletion.before)
    assert np.isfinite(deletion.after).all()
    assert deletion.gap == 0
    assert deletion.n_vectors == (N_TOKENS - 1) * config.n_layers * config.n_heads


@pytest.mark.parametrize("pos", range(N_TOKENS - 1))
@pytest.mark.parametrize("rows", ["k", "v"])
def test_deleting_any_old_k_or_v_moves_the_logits(rows: str, pos: int) -> None:
    engine = tiny_engine()
    config = engine.model.config
    deletion = delete(engine, random_ids(config, N_TOKENS), rows, pos)
    assert deletion.gap == np.abs(deletion.after - deletion.before).max()
    assert deletion.gap > 1e-2
    assert deletion.n_vectors == config.n_layers * config.n_kv_heads


def test_before_is_the_answer_of_a_plain_run() -> None:
    engine = tiny_engine()
    ids = random_ids(engine.model.config, N_TOKENS)
    plain, _ = engine.recompute(ids)
    for rows, pos in (("q", None), ("k", 2), ("v", 2)):
        before = delete(engine, ids, rows, pos).before
        np.testing.assert_allclose(before, plain[-1], atol=1e-4, rtol=0)


@pytest.mark.parametrize("rows", ["k", "v"])
@torch.inference_mode()
def test_poison_spreads_from_any_row_that_is_read(rows: str) -> None:
    """NaN in one old k or v reaches the logits, so NaN in q would have, had anything read it."""
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, N_TOKENS)
    cache = make_cache(Contiguous(), config)
    model(torch.tensor([ids[:-1]]), cache, Visibility())
    layer = cache[0]
    assert isinstance(layer, ContiguousLayer)
    getattr(layer, rows)[:, 0, 0] = torch.nan
    assert model(torch.tensor([ids[-1:]]), cache, Visibility()).isnan().any()


class HoardingLayer(ContiguousLayer):
    """A cache that keeps q too, and reads it: what the proof must be able to catch."""

    def __init__(self, pos: torch.Tensor, states: list[AttnState], index: int) -> None:
        super().__init__(pos)
        self.states, self.index = states, index

    def update(self, k: torch.Tensor, v: torch.Tensor, pos: torch.Tensor) -> KVView:
        view = super().update(k, v, pos)
        if self.index < len(self.states):  # the prefill is over: read its q
            view = view._replace(k=view.k + 0 * self.states[self.index].qkv[:, :1, :1].mean())
        return view


@torch.inference_mode()
def test_a_cache_that_read_old_q_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The very check of the page, on an engine that breaks the rule."""
    config = tiny_config()
    engine, states = Engine(tiny_model(config)), []
    plain = Transformer.forward

    def keep_states(*args: object, record: list[AttnState] | None = None) -> torch.Tensor:
        logits = plain(*args, record=record)
        states.extend(record or [])
        return logits

    def hoarding(*_: object) -> KVCache:
        layers = range(config.n_layers)
        return KVCache([HoardingLayer(torch.arange(config.max_seq_len), states, i) for i in layers])

    monkeypatch.setattr(Transformer, "__call__", keep_states)
    monkeypatch.setattr("kvcore.deletion.make_cache", hoarding)
    deletion = delete(engine, random_ids(config, N_TOKENS), "q")
    assert np.isfinite(deletion.before).all()
    assert np.isnan(deletion.after).all()


@pytest.mark.parametrize(
    ("ids", "rows", "pos", "message"),
    [
        ([3], "q", None, "1 token has no past"),
        ([3, 4, 5], "k", None, "pos=None must be a whole number: an old token"),
        ([3, 4, 5], "k", 2, "pos=2 must be from 0 to 1: an old token"),
        ([3, 4, 5], "v", -1, "pos=-1 must be from 0 to 1: an old token"),
    ],
)
def test_there_must_be_a_past_to_delete_from(
    ids: list[int], rows: str, pos: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        delete(tiny_engine(), ids, rows, pos)
