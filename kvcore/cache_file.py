"""A cache in a safetensors file, to go on from later: K and V, and nothing that runs as code.

Tensors: `layers.{i}.k` and `layers.{i}.v` (1, Hkv, S, D), keys after RoPE; `pos` (S,) their
positions; `ids` (n,) the text; `logits` (V,) of its last token; `rng`, the state of the generator
that draws. Metadata: the format, the model's fingerprint and config, the run and its last step.
Queries are not in it: no later token needs them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, get_args

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from kvcore.accounting import tokens_held
from kvcore.cache import KVCache, Savable, make_cache
from kvcore.config import CacheSpec, ModelConfig, RunConfig, SamplingParams, Visibility
from kvcore.trace import Step, locked

FORMAT = "kvcore cache 2"
KINDS = {kind.__name__: kind for kind in get_args(CacheSpec)}
OF_STEP = ("index", "start", "dropped", "next_id", "seconds")


class Saved(NamedTuple):
    """What to go on from: a cache as the step `last` has left it."""

    run: RunConfig
    cache: KVCache
    last: Step
    rng: Tensor


def write(path: str | Path, fingerprint: str, saved: Saved) -> None:
    """Write what to go on from.

    Raises ValueError for a kind of cache that cannot be saved, and for one that an interrupted step
    has left incomplete.
    """
    run, cache, last, rng = saved
    tensors = {"ids": torch.tensor(last.ids), "logits": torch.tensor(last.logits), "rng": rng}
    for i, layer in enumerate(cache.layers):
        if not isinstance(layer, Savable):
            raise ValueError(f"{run.cache} has no rows that could be saved: use another cache")
        if layer.n_seen != len(last.ids):
            raise ValueError(
                f"layer {i} has seen {layer.n_seen} of {len(last.ids)} tokens: update(text) first"
            )
        k, v, pos = layer.held()
        tensors |= {f"layers.{i}.k": k.contiguous(), f"layers.{i}.v": v.contiguous(), "pos": pos}
    kind = {"kind": type(run.cache).__name__}
    metadata = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "config": json.dumps(asdict(last.model)),
        "run": json.dumps(asdict(run) | {"cache": kind | asdict(run.cache)}),
        "step": json.dumps({name: getattr(last, name) for name in OF_STEP}),
    }
    save_file(tensors, path, metadata)


@torch.inference_mode()
def read(path: str | Path, fingerprint: str, config: ModelConfig) -> Saved:
    """The cache in a file that `write` made, for the model that it was made with.

    Raises ValueError naming what differs when it is of another model, damaged, or not of this kind.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is damaged or cut short: {error}") from error
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is no cache file: its format is {metadata.get('format')!r}")
    if metadata.get("fingerprint") != fingerprint:
        raise ValueError(f"{path} is of another model: {_difference(metadata, config)}")
    try:
        run = _run(json.loads(metadata["run"]))
        step = json.loads(metadata["step"])
        step = {name: step[name] for name in OF_STEP}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: its metadata makes no run: {error!r}") from error
    _check(path, tensors, run, config)
    cache = make_cache(run.cache, config, run.visibility)
    for i, layer in enumerate(cache.layers):
        if not isinstance(layer, Savable):
            raise ValueError(f"{path} is damaged: {run.cache} cannot have been saved")
        layer.update(tensors[f"layers.{i}.k"], tensors[f"layers.{i}.v"], tensors["pos"])
        if layer.n_seen != len(tensors["ids"]) or not torch.equal(layer.held().pos, tensors["pos"]):
            raise ValueError(
                f"{path} is damaged: pos is not what {run.cache} holds of "
                f"{len(tensors['ids'])} tokens"
            )
    last = Step(
        phase="decode" if step["index"] else "prefill",
        ids=tuple(tensors["ids"].tolist()),
        logits=locked(tensors["logits"].numpy()),
        cache=cache.snapshot(),
        model=config,
        visibility=run.visibility.within(config.reach),
        recording=None,
        **step,
    )
    return Saved(run, cache, last, tensors["rng"])


def _difference(metadata: Mapping[str, str], config: ModelConfig) -> str:
    """In what a file's model is not this one."""
    theirs, ours = json.loads(metadata.get("config", "{}")), json.loads(json.dumps(asdict(config)))
    differ = [
        f"{name}={theirs.get(name)} there and {ours.get(name)} here"
        for name in sorted(theirs.keys() | ours.keys())
        if theirs.get(name) != ours.get(name)
    ]
    return (
        ", ".join(differ)
        or "the same config with other weights (load it from the same folder, fast or not as then)"
    )


def _run(raw: dict[str, Any]) -> RunConfig:
    cache, sampling = dict(raw["cache"]), dict(raw["sampling"])
    return RunConfig(
        cache=KINDS[cache.pop("kind")](**cache),
        visibility=Visibility(**raw["visibility"]),
        sampling=SamplingParams(**sampling | {"stop_ids": tuple(sampling["stop_ids"])}),
    )


def _check(
    path: str | Path, tensors: Mapping[str, Tensor], run: RunConfig, config: ModelConfig
) -> None:
    """Names, shapes and types of all tensors."""
    n = tensors["ids"].numel() if "ids" in tensors else 0
    rule = run.visibility.within(config.reach)
    S = tokens_held(run.cache, rule, seen=n)
    rows = ((1, config.n_kv_heads, S, config.head_dim), torch.float32)
    expected = {
        "ids": ((n,), torch.int64),
        "pos": ((S,), torch.int64),
        "logits": ((config.vocab_size,), torch.float32),
        "rng": (tuple(torch.Generator().get_state().shape), torch.uint8),
        **{f"layers.{i}.{name}": rows for i in range(config.n_layers) for name in "kv"},
    }
    for name, (shape, dtype) in expected.items():
        if name not in tensors:
            raise ValueError(f"{path} is damaged: {name} is missing")
        found = tensors[name]
        if (tuple(found.shape), found.dtype) != (shape, dtype):
            raise ValueError(
                f"{path} is damaged: {name} is {found.dtype} {tuple(found.shape)} and not "
                f"{dtype} {shape}"
            )
    if odd := sorted(tensors.keys() - expected.keys()):
        raise ValueError(f"{path} is damaged: {odd[0]} has no place in it")
    pos = tensors["pos"]
    if not S or not 0 <= pos.min() <= pos.max() < n:
        raise ValueError(f"{path} is damaged: pos must lie in 0 to {n - 1}")
