"""One model serves any number of runs, which do not disturb each other or it."""

import numpy as np
import torch
from tiny import random_ids, tiny_engine

from kvcore.config import RunConfig

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
    engine = tiny_engine()
    before = {name: tensor.clone() for name, tensor in engine.model.weights.items()}
    assert len(before) > 3 * 6
    session = engine.session()
    session.update(TEXT)
    session.step()
    engine.generate(TEXT, RunConfig())
    for name, tensor in engine.model.weights.items():
        assert torch.equal(tensor, before[name]), name
