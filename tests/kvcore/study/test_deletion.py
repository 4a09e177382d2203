"""The proof by deletion: old q can go, old k and v cannot; and the proof itself can fail."""

import numpy as np
import pytest
import torch
from torch import Tensor

from kvcore.cache import make_cache
from kvcore.cache.contiguous import ContiguousLayer
from kvcore.cache.none import NoCacheLayer
from kvcore.ops.attention import attend
from kvcore.records.cache_specs import Contiguous
from kvcore.records.config import Visibility
from kvcore.study.deletion import delete
from tests.kvcore.tiny import HEADS, random_ids, tiny_config, tiny_engine, tiny_model

N_TOKENS = 9


@pytest.mark.parametrize("heads", HEADS)
def test_deleting_old_q_leaves_the_logits_exactly_as_they_were(heads: str) -> None:
    engine = tiny_engine(heads)
    config = engine.model.config
    deletion = delete(engine, random_ids(config, N_TOKENS), "q")
    assert np.isfinite(deletion.after).all()
    assert deletion.gap == 0, "the same products of the same numbers"
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
    """NaN in one old k or v reaches the logits."""
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, N_TOKENS)
    cache = make_cache(Contiguous(), config)
    model(torch.tensor([ids[:-1]]), cache, Visibility())
    layer = cache[0]
    assert isinstance(layer, ContiguousLayer)
    getattr(layer, rows)[:, 0, 0] = torch.nan
    assert model(torch.tensor([ids[-1:]]), cache, Visibility()).isnan().any()


def test_the_rows_that_need_old_q_are_all_spoiled_for_want_of_them() -> None:
    engine = tiny_engine()
    assert delete(engine, random_ids(engine.model.config, N_TOKENS), "q").n_spoiled == N_TOKENS - 1
    assert delete(engine, random_ids(engine.model.config, N_TOKENS), "k", 2).n_spoiled == 0


def reading_old_q(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None) -> tuple[Tensor, ...]:
    """Attention that looks at all q, and adds nothing of them."""
    return attend(q + 0 * q.mean(2, keepdim=True), k, v, hidden)


class RemakingLayer(NoCacheLayer):
    """K and V of old tokens made again in the forward itself, from rows that had a q."""

    def __init__(self, held: object) -> None:
        """Nothing that is held is looked at."""


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("kvcore.model.transformer.attend", reading_old_q),
        ("kvcore.study.whatif.old_q._OldTokensLayer", RemakingLayer),
    ],
    ids=["an old q is read", "an old q is needed to make old k and v again"],
)
def test_whoever_needs_an_old_q_is_caught(
    name: str, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very check of the page, on an engine that breaks the rule."""
    monkeypatch.setattr(name, wrong)
    engine = tiny_engine()
    deletion = delete(engine, random_ids(engine.model.config, N_TOKENS), "q")
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
