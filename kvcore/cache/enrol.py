"""The way from a spec to its cache: each kind enrols what makes it, beside its layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kvcore.cache.base import KVCache
from kvcore.records.cache_specs import CacheSpec
from kvcore.records.config import ModelConfig, Visibility

Maker = TypeVar("Maker", bound=Callable[..., KVCache])

_MAKERS: dict[type[CacheSpec], Callable[[Any, ModelConfig, Visibility], KVCache]] = {}


def makes(kind: type[CacheSpec]) -> Callable[[Maker], Maker]:
    """Enrol the function below: of a spec, a model and a rule it makes an empty cache.

    It raises ValueError when the three do not go together.
    """

    def keep(maker: Maker) -> Maker:
        _MAKERS[kind] = maker
        return maker

    return keep


def made(spec: CacheSpec, model: ModelConfig, rule: Visibility) -> KVCache:
    """An empty cache, by what its kind enrolled."""
    return _MAKERS[type(spec)](spec, model, rule)


def not_enrolled() -> list[str]:
    """Kinds of which nobody said how they are made."""
    return [kind.__name__ for kind in CacheSpec.kinds if kind not in _MAKERS]
