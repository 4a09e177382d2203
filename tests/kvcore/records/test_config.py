"""Settings are frozen values that refuse what makes no model or no run, with the numbers."""

import pytest

from kvcore.records.config import LinearScaling, Llama3Scaling, Visibility
from tests.kvcore.tiny import tiny_config

LLAMA3 = {
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_seq_len": 32,
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_layers": 0}, "n_layers=0 must be at least 1"),
        ({"dim": -1}, "dim=-1 must be at least 1"),
        ({"n_kv_heads": 3}, "n_heads=4 must be a multiple of n_kv_heads=3"),
        ({"head_dim": 7}, "head_dim=7 must be even"),
        ({"rope_theta": float("nan")}, "rope_theta=nan must be a positive number"),
        ({"rope_theta": float("inf")}, "rope_theta=inf must be a positive number"),
        ({"norm_eps": 0.0}, "norm_eps=0.0 must be a positive number"),
        ({"nope_layers": (0, 3)}, r"nope_layers\[1\]=3 must be from 0 to 2"),
        ({"window": 0}, "window=0 must be at least 1: a token sees itself"),
    ],
)
def test_a_model_that_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_config(**changes)


def test_a_scaling_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="factor=0 must be a positive number"):
        LinearScaling(factor=0)
    for name in LLAMA3:
        with pytest.raises(ValueError, match=f"{name}=-1 must be (a positive number|at least 1)"):
            Llama3Scaling(**LLAMA3 | {name: -1})
    with pytest.raises(ValueError, match=r"low_freq_factor=4\.0 must be below high_freq_factor=4"):
        Llama3Scaling(**LLAMA3 | {"low_freq_factor": 4.0})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"window": 0}, "window=0 must be at least 1: a token sees itself"),
        ({"window": 4, "n_sink": -1}, "n_sink=-1 must be at least 0"),
        ({"n_sink": 2}, "n_sink=2 without a window"),
        ({"window": 4, "causal": False}, "window=4 looks back, causal=False both ways"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Visibility(**fields)


def test_the_narrower_of_two_windows_holds() -> None:
    rule = Visibility(window=4, n_sink=1)
    assert rule.within(None) == rule.within(9) == rule.within(4) == rule
    assert rule.within(2) == Visibility(window=2, n_sink=1)
    assert Visibility().within(None) == Visibility()
    assert Visibility().within(3) == Visibility(window=3)
    assert Visibility(causal=False).within(3) == Visibility(causal=False)
