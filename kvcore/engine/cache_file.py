"""A cache in a safetensors file, to go on from later: K and V, and nothing that runs as code.

Tensors: `layers.{i}.k` and `layers.{i}.v` (1, Hkv, S, D), keys after RoPE; `pos` (S,) their
positions; `ids` (n,) the text; `logits` (V,) of its last token; `rng`, the state of the generator
that draws. Metadata: the format, the model's fingerprint and config, the run and its last step, a
digest of each. Queries are not in it: no later token needs them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from kvcore.cache import KVCache, Savable, StepRows, make_cache
from kvcore.engine.cache_schema import (
    DIGESTS,
    LastStep,
    check_step,
    check_tensors,
    digests,
    read_texts,
)
from kvcore.records.config import ModelConfig, RunConfig
from kvcore.records.trace import Step, locked

FORMAT = "kvcore cache 3"


class Saved(NamedTuple):
    """A state to go on from: a cache as the step `last` has left it."""

    run: RunConfig
    cache: KVCache
    last: Step
    rng: Tensor


def write(path: str | Path, fingerprint: str, saved: Saved) -> None:
    """Write what to go on from.

    Raises ValueError for a kind of cache that cannot be saved, and for one that an interrupted step
    has left incomplete; OSError where nothing can be written.
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
        "step": json.dumps({field.name: getattr(last, field.name) for field in fields(LastStep)}),
    }
    try:
        save_file(tensors, path, metadata | {DIGESTS: digests(tensors, metadata)})
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


@torch.inference_mode()
def read(path: str | Path, fingerprint: str, config: ModelConfig) -> Saved:
    """The cache in a file that `write` made, for the model that it was made with.

    Raises ValueError naming the file and the field when it is damaged, and what differs when it is
    of another model or not of this kind.
    """
    if Path(path).is_dir():
        raise ValueError(f"{path} is a folder: give the file that Session.save wrote")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is damaged or cut short: {error}") from error
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"{path} is no cache file: its format is {metadata.get('format')!r} and not {FORMAT!r}"
        )
    if metadata.get("fingerprint") != fingerprint:
        raise ValueError(f"{path} is of another model: {_difference(metadata, config)}")
    try:
        return _restored(metadata, tensors, config)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _restored(
    metadata: Mapping[str, str], tensors: Mapping[str, Tensor], config: ModelConfig
) -> Saved:
    run, step = read_texts(metadata)
    try:
        cache = make_cache(run.cache, config, run.visibility)
    except ValueError as error:
        raise ValueError(f"run.cache: {error}") from error
    layers = [layer for layer in cache.layers if isinstance(layer, Savable)]
    if len(layers) < len(cache.layers):
        raise ValueError(f"run.cache: {run.cache} cannot have been saved")
    check_tensors(tensors, metadata, run, config)
    check_step(step, run, tensors)
    ids, pos = tuple(tensors["ids"].tolist()), tensors["pos"]
    for i, layer in enumerate(layers):
        layer.update(tensors[f"layers.{i}.k"], tensors[f"layers.{i}.v"], pos)
        if layer.n_seen != len(ids) or not torch.equal(layer.held().pos, pos):
            raise ValueError(f"pos is not what {run.cache} holds of {len(ids)} tokens")
    last = Step(
        phase="decode" if step.index else "prefill",
        ids=ids,
        logits=locked(tensors["logits"].numpy()),
        cache=cache.snapshot(),
        rows=StepRows.of(cache),
        model=config,
        visibility=run.visibility.within(config.reach),
        recording=None,
        **asdict(step),
    )
    return Saved(run, cache, last, tensors["rng"])


def _difference(metadata: Mapping[str, str], config: ModelConfig) -> str:
    """In what a file's model is not this one."""
    try:
        theirs = json.loads(metadata.get("config", "{}"))
    except (ValueError, RecursionError):
        theirs = None
    if not isinstance(theirs, dict):
        return "its config cannot be read"
    ours = json.loads(json.dumps(asdict(config)))
    differ = [
        f"{name}={theirs.get(name)} there and {ours.get(name)} here"
        for name in sorted(theirs.keys() | ours.keys())
        if theirs.get(name) != ours.get(name)
    ]
    return (
        ", ".join(differ)
        or "the same config with other weights (load it from the same folder, fast or not as then)"
    )
