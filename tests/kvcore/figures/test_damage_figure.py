"""The map of damage shows the bytes and the KL of each record, and what they are beside."""

import pytest

from kvcore.figures import DamageWords, damage_map
from kvcore.figures.damage import LEAST
from kvcore.records.cache_specs import Contiguous, Quantized
from kvcore.study.damage import damage
from kvcore.study.quality import Damage
from tests.kvcore.tiny import random_ids, tiny_engine

WORDS = DamageWords(held="bytes", kl="nats", everything="all", point="%{text} %{x} %{y}")


def records(n: int = 40) -> list[Damage]:
    engine = tiny_engine()
    kinds = (Contiguous(), *(Quantized(bits=bits, group=8, residual=4) for bits in (8, 4)))
    return [damage(engine, random_ids(engine.model.config, n), cache=kind) for kind in kinds]


def test_each_kind_is_a_point_at_its_bytes_and_its_damage() -> None:
    found = records()
    figure = damage_map(found, ["all", "8", "4"], WORDS)
    (points,) = figure.data
    assert list(points.x) == [one.held_bytes for one in found]
    assert points.y[0] == LEAST, "no damage would lie below any log scale"
    assert list(points.y[1:]) == [one.quality.mean_kl for one in found[1:]]
    assert list(points.text) == ["all", "8", "4"]
    assert points.customdata[2][0] == found[2].quality.perplexity
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == found[0].exact_bytes
    assert figure.layout.yaxis.type == "log"


def test_kinds_of_different_texts_are_not_compared() -> None:
    with pytest.raises(ValueError, match="compare kinds on one text"):
        damage_map([records(40)[0], records(39)[0]], ["a", "b"], WORDS)
    with pytest.raises(ValueError, match="2 names for 1 kinds"):
        damage_map(records()[:1], ["a", "b"], WORDS)
