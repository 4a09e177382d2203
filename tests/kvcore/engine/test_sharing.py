"""One model serves any number of runs, which do not disturb each other or it."""

import numpy as np
import torch

from kvcore.engine.engine import Engine
from kvcore.model.transformer import ZERO, Transformer
from kvcore.records.config import RunConfig
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine, tiny_weights

TEXT = [5, 9, 2, 7, 7, 1, 4, 8, 3, 6]


def test_two_sessions_of_one_engine_do_not_disturb_each_other() -> None:
    engine = tiny_engine()
    a, b = engine.session(), engine.session()
    a.update(TEXT)
    b.update(random_ids(engine.model.config, 30))
    for step in (a.update([*TEXT[:5], 50, 51]), b.step()):
        fresh = engine.session().update(step.ids)
        np.testing.assert_allclose(step.logits, fresh.logits, atol=1e-4, rtol=0)


def test_running_writes_no_weight() -> None:
    config = tiny_config(qk_norm=True)
    names = [f"model.layers.{i}.self_attn.{x}_norm.weight" for i in range(3) for x in "qk"]
    norms = {name: torch.rand(config.head_dim) for name in names}
    engine = Engine(Transformer(config, tiny_weights(config) | norms))
    shared = {
        **dict(engine.model.weights()),
        "frequencies": engine.model.frequencies,
        "zero": ZERO,
        **{f"norm of q and k {i}": b.attn.qk_norm for i, b in enumerate(engine.model.blocks)},
    }
    before = {name: tensor.clone() for name, tensor in shared.items()}
    assert len(before) > 3 * 8
    session = engine.session()
    session.update(TEXT)
    session.step()
    engine.generate(TEXT, RunConfig())
    for name, tensor in shared.items():
        assert torch.equal(tensor, before[name]), name
