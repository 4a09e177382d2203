"""Ways to remember K and V, behind one contract."""

from kvcore.cache import contiguous, none, paged, quantized, rolling, static
from kvcore.cache.base import KVCache, KVView, LayerCache, Savable, StepRows
from kvcore.cache.enrol import made, not_enrolled
from kvcore.cache.paged import PagedCache, PagedPool
from kvcore.records.cache_specs import CacheSpec
from kvcore.records.checks import check_kind
from kvcore.records.config import ModelConfig, Visibility

__all__ = [
    "KVCache",
    "KVView",
    "LayerCache",
    "PagedCache",
    "PagedPool",
    "Savable",
    "StepRows",
    "make_cache",
]

KINDS = contiguous, none, paged, quantized, rolling, static  # each enrols its own
if missing := not_enrolled():
    raise TypeError(f"nothing in kvcore/cache makes {missing}: enrol it with @makes, and import it")


def make_cache(spec: CacheSpec, model: ModelConfig, rule: Visibility | None = None) -> KVCache:
    """An empty cache of the kind that `spec` names, one layer for each of the model's.

    `rule` is the visibility of the run that it is for, all of the past by default: what may be
    evicted follows from it. Raises ValueError when the kind and the rule do not go together.
    """
    check_kind("cache", spec, *CacheSpec.kinds)
    rule = Visibility() if rule is None else rule
    check_kind("visibility", rule, Visibility)
    return made(spec, model, rule.within(model.reach))
