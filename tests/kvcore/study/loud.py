"""A decoder whose logits are so large that rounding moves them by more than most texts allow."""

from torch import Tensor

from kvcore.engine.engine import Engine
from kvcore.model.transformer import Transformer
from kvcore.records.config import ModelConfig
from tests.kvcore.tiny import tiny_config, tiny_weights

LOUD = 1e4  # times as large as usual: the logits, and with them what fp32 rounds away of them


def loud_weights(config: ModelConfig) -> dict[str, Tensor]:
    weights = tiny_weights(config)
    weights["model.norm.weight"] *= LOUD
    return weights


def loud_engine(**options: bool) -> Engine:
    """Rounding alone moves its logits by more than TOLERANCE."""
    config = tiny_config()
    return Engine(Transformer(config, loud_weights(config), **options))
