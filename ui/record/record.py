"""The record of a run, and the block of bytes that it travels in with what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.record.labels import SentLabel
from ui.record.pack import pack, unpack

FORMAT: Final = 1

Floats = NDArray[np.float32]


class Model(NamedTuple):
    """The sizes of a model that its rows have."""

    n_layers: int
    n_heads: int
    n_kv_heads: int
    head_dim: int


class Rule(NamedTuple):
    """Who may attend to whom in a layer, as `kvcore.Visibility` has it."""

    causal: bool
    window: int | None
    n_sink: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """One letter's rows of the tokens from `start` on: values (S - start, layers, heads, D)."""

    layers: tuple[int, ...]
    heads: tuple[int, ...]
    values: Floats
    start: int = 0


class Candidate(NamedTuple):
    """A next token and its probability."""

    label: SentLabel
    p: float


@dataclass(frozen=True, kw_only=True)
class Step:
    """A forward: `fed` tokens from position `start` on, in bytes and milliseconds.

    `dropped` are the labels of what the cache forgot before it. `next` is most probable first;
    `chosen` its index that was taken, None if it is not among them.
    """

    phase: Literal["prefill", "decode"]
    start: int
    fed: int
    held_bytes: int
    read_bytes: int
    ms: float
    next: Sequence[Candidate]
    chosen: int | None
    dropped: Sequence[SentLabel] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """A run of S tokens, of which the first `prompt` were given and the others written.

    What is None is not carried. `rules` has one for each layer; `k_lengths` is (S, L), the times
    are (repeats, steps). ValueError when shapes disagree.
    """

    tokens: Sequence[SentLabel]
    prompt: int
    model: Model | None = None
    rules: Sequence[Rule] = ()
    steps: Sequence[Step] = ()
    q: Rows | None = None
    k: Rows | None = None
    v: Rows | None = None
    k_lengths: Floats | None = None
    cached_ms: Floats | None = None
    recomputed_ms: Floats | None = None

    def __post_init__(self) -> None:
        n_tokens = len(self.tokens)
        if not 0 < self.prompt <= n_tokens:
            raise ValueError(f"prompt={self.prompt} of {n_tokens} tokens: give 1 to {n_tokens}")
        for step in self.steps:
            if not 0 < step.fed <= n_tokens - step.start:
                raise ValueError(
                    f"fed={step.fed} from {step.start} on of {n_tokens} tokens: a step feeds at "
                    "least 1 and at most all that are left"
                )
        for name in ("q", "k", "v"):
            self._check(name, getattr(self, name), n_tokens)
        if self.model and len(self.rules) != self.model.n_layers:
            raise ValueError(f"{len(self.rules)} rules: {self.model.n_layers} layers need one each")
        if self.k_lengths is not None and self.model:
            _require("k_lengths", self.k_lengths, (n_tokens, self.model.n_layers))

    def require(self, layer: int, head: int) -> None:
        """ValueError unless q of a query head, and k and v of the kv head it reads, are carried."""
        if self.model is None or self.q is None or self.k is None or self.v is None:
            raise ValueError("the record carries no rows of q, k and v: record them")
        kv_head = head * self.model.n_kv_heads // self.model.n_heads
        for name, rows, own in (
            ("q", self.q, head),
            ("k", self.k, kv_head),
            ("v", self.v, kv_head),
        ):
            if layer not in rows.layers or own not in rows.heads:
                raise ValueError(
                    f"layer {layer}, head {own} of {name} is not in the record, which has layers "
                    f"{list(rows.layers)} and heads {list(rows.heads)} of it"
                )

    def _check(self, name: str, rows: Rows | None, n_tokens: int) -> None:
        if rows is None:
            return
        if self.model is None:
            raise ValueError(f"{name} is carried, but no model: give its sizes")
        heads = self.model.n_heads if name == "q" else self.model.n_kv_heads
        for what, chosen, count in (
            ("layers", rows.layers, self.model.n_layers),
            ("heads", rows.heads, heads),
        ):
            if not chosen or not set(chosen) <= set(range(count)):
                raise ValueError(f"{what} {chosen} of {name} must be some of 0 to {count - 1}")
        shape = n_tokens - rows.start, len(rows.layers), len(rows.heads), self.model.head_dim
        _require(name, rows.values, shape)


class Message(NamedTuple):
    """A record, what a figure shows of it, and in which words."""

    record: Record
    state: Mapping[str, Any]
    text: Mapping[str, Any]


def write(message: Message, *, short: bool = False) -> bytes:
    """The block that travels. `short` leaves the last byte of each number of q, k and v out."""
    record = message.record
    sent: dict[str, Any] = {
        "tokens": list(record.tokens),
        "prompt": record.prompt,
        "model": record.model and record.model._asdict(),
        "rules": [rule._asdict() for rule in record.rules],
        "steps": [_sent(step) for step in record.steps],
    }
    arrays = {}
    for name in ("q", "k", "v"):
        if rows := getattr(record, name):
            sent[name] = {"layers": rows.layers, "heads": rows.heads, "start": rows.start}
            arrays[name] = rows.values
    for name in ("k_lengths", "cached_ms", "recomputed_ms"):
        if (array := getattr(record, name)) is not None:
            arrays[name] = array
    meta = {"format": FORMAT, "record": sent, "state": message.state, "text": message.text}
    return pack(meta, arrays, short=("q", "k", "v") if short else ())


def read(block: bytes) -> Message:
    """The message that `write` wrote. ValueError for another format."""
    meta, arrays = unpack(block)
    if meta.get("format") != FORMAT:
        raise ValueError(
            f"the record has format {meta.get('format')}, and this reads {FORMAT}: write it anew"
        )
    sent = meta["record"]
    rows = {
        name: Rows(
            layers=tuple(sent[name]["layers"]),
            heads=tuple(sent[name]["heads"]),
            start=sent[name]["start"],
            values=arrays.pop(name),
        )
        for name in ("q", "k", "v")
        if name in sent
    }
    record = Record(
        tokens=sent["tokens"],
        prompt=sent["prompt"],
        model=sent["model"] and Model(**sent["model"]),
        rules=[Rule(**rule) for rule in sent["rules"]],
        steps=[_step(step) for step in sent["steps"]],
        **rows,
        **arrays,
    )
    return Message(record, meta["state"], meta["text"])


def _sent(step: Step) -> dict[str, Any]:
    following = [candidate._asdict() for candidate in step.next]
    return {**vars(step), "next": following, "dropped": list(step.dropped)}


def _step(sent: Mapping[str, Any]) -> Step:
    return Step(**{**sent, "next": [Candidate(**each) for each in sent["next"]]})


def _require(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} is {array.shape}, but the record needs {shape}")
