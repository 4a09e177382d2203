"""The schema of a cache file: every field with its type, its range and what it depends on.

A ValueError names the field. A number that could be another one just as well, in a row of K or in a
count, is known by its digest. No file is opened here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from reprlib import repr as short
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from kvcore.records.cache_specs import CacheSpec
from kvcore.records.checks import check_number, check_whole, whole
from kvcore.records.config import ModelConfig, RunConfig, SamplingParams, Visibility

DIGESTS = "sha256"
KINDS = {kind.__name__: kind for kind in CacheSpec.kinds}
TEXTS = ("config", "run", "step")  # JSON, beside the digests, the format and the fingerprint
KEYS = {*TEXTS, DIGESTS, "format", "fingerprint"}

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class LastStep:
    """The step that a cache was saved after, as a file describes it beside the tensors."""

    index: int
    start: int
    dropped: int
    next_id: int
    seconds: float

    def __post_init__(self) -> None:
        check_whole(self, "index", "start", "dropped", "next_id", least=0)
        check_number(self, "seconds")


class Field(NamedTuple):
    """A tensor: whole numbers from 0 to `most`, or finite ones."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    most: int | None = None


def digests(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> str:
    """SHA-256 of every tensor and of every text, as the JSON that goes into the file."""
    of_texts = {name: sha256(metadata[name].encode()).hexdigest() for name in TEXTS}
    return json.dumps(of_texts | {name: _digest(tensor) for name, tensor in tensors.items()})


def read_texts(metadata: Mapping[str, str]) -> tuple[RunConfig, LastStep]:
    """The run and its last step."""
    texts = _members(metadata, KEYS, "the metadata")
    run, step = _run(_json(texts, "run")), _made(LastStep, _json(texts, "step"), "step")
    known = _json(texts, DIGESTS)
    for name in TEXTS:
        _check_digest(known, name, sha256(texts[name].encode()).hexdigest())
    return run, step


def check_tensors(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], run: RunConfig, config: ModelConfig
) -> None:
    """Every tensor that a cache of this run and this model has, and no other one."""
    n = tensors["ids"].numel() if "ids" in tensors else 1  # said below to be missing
    whole("the length of ids", n, 1, config.max_seq_len)
    S = run.cache.tokens_held(run.visibility.within(config.reach), seen=n)
    rows = Field((1, config.n_kv_heads, S, config.head_dim), torch.float32)
    expected = {
        "ids": Field((n,), torch.int64, config.vocab_size - 1),
        "pos": Field((S,), torch.int64, n - 1),
        "logits": Field((config.vocab_size,), torch.float32),
        "rng": Field(tuple(torch.Generator().get_state().shape), torch.uint8, 255),
        **{f"layers.{i}.{name}": rows for i in range(config.n_layers) for name in "kv"},
    }
    known = _json(metadata, DIGESTS)
    for name, tensor in _members(tensors, expected, "").items():
        _check_tensor(name, tensor, expected[name])
        _check_digest(known, name, _digest(tensor))
    _check_rng(tensors["rng"])


def check_step(step: LastStep, run: RunConfig, tensors: Mapping[str, Tensor]) -> None:
    """That the step fits its text and what was chosen after it."""
    logits = tensors["logits"]
    whole("step.start", step.start, 0, len(tensors["ids"]) - 1 if step.index else 0)
    if not step.index:
        whole("step.dropped", step.dropped, 0, 0)
    whole("step.next_id", step.next_id, 0, len(logits) - 1)
    if not run.sampling.temperature and step.next_id != int(logits.numpy().argmax()):
        raise ValueError(f"step.next_id={step.next_id} is not the likeliest of logits")


def _json(texts: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(texts[name])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is not valid JSON: {error}") from error


def _members(raw: Any, names: Collection[str], where: str) -> dict[str, Any]:
    """The members of an object that has exactly these."""
    if not isinstance(raw, Mapping):
        raise ValueError(f"{where}={short(raw)} must be an object")
    inside = f"{where}." if where else ""
    for name in names:
        if name not in raw:
            raise ValueError(f"{inside}{name} is missing")
    if odd := sorted(raw.keys() - set(names)):
        raise ValueError(f"{inside}{odd[0]} has no place in it")
    return dict(raw)


def _made(kind: type[Value], raw: Any, where: str) -> Value:
    """A frozen value of the members that its fields name."""
    members = _members(raw, [field.name for field in fields(kind)], where)  # type: ignore[arg-type]
    try:
        return kind(**members)
    except ValueError as error:
        raise ValueError(f"{where}.{error}") from error


def _run(raw: Any) -> RunConfig:
    parts = _members(raw, ("cache", "visibility", "sampling"), "run")
    cache = parts["cache"]
    kind = cache.get("kind") if isinstance(cache, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"run.cache={short(cache)} must be of a kind of {', '.join(KINDS)}")
    return RunConfig(
        cache=_made(KINDS[kind], {k: v for k, v in cache.items() if k != "kind"}, "run.cache"),
        visibility=_made(Visibility, parts["visibility"], "run.visibility"),
        sampling=_made(SamplingParams, parts["sampling"], "run.sampling"),
    )


def _digest(tensor: Tensor) -> str:
    return sha256(tensor.contiguous().view(-1).view(torch.uint8).numpy().data).hexdigest()


def _check_digest(known: Any, name: str, digest: str) -> None:
    if not isinstance(known, dict) or known.get(name) != digest:
        raise ValueError(f"{name} is not what was saved: its digest is not that in {DIGESTS}")


def _check_tensor(name: str, tensor: Tensor, field: Field) -> None:
    found = (tuple(tensor.shape), tensor.dtype)
    if found != (field.shape, field.dtype):
        raise ValueError(f"{name} is {found[1]} {found[0]} and not {field.dtype} {field.shape}")
    if field.most is None:
        if not tensor.isfinite().all():
            raise ValueError(f"{name} holds {short(tensor[~tensor.isfinite()][0].item())}")
    elif len(tensor):
        least, most = int(tensor.min()), int(tensor.max())
        if not 0 <= least <= most <= field.most:
            raise ValueError(f"{name} from {least} to {most} must lie in 0 to {field.most}")


def _check_rng(rng: Tensor) -> None:
    generator = torch.Generator()
    try:
        generator.set_state(rng)
    except RuntimeError as error:
        raise ValueError(f"rng is no state of a generator: {error}") from error
    if not torch.equal(generator.get_state(), rng):
        raise ValueError("rng is no state of a generator: another one comes back")
