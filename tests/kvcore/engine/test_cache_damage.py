"""Whatever is wrong with a cache file is a ValueError that names the file and the field."""

import json
import math
import random
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from kvcore.engine.cache_schema import DIGESTS
from kvcore.engine.engine import Engine
from kvcore.engine.session import Session
from kvcore.records.cache_specs import CacheSpec, Rolling
from kvcore.records.config import SamplingParams, Visibility
from tests.kvcore.engine.saving import BY_KIND, KINDS, WINDOW, Contents
from tests.kvcore.tiny import random_ids, tiny_engine

MISSING = object()
WRONG = [MISSING, None, "x", [], {}, True, 2.5, 3.0, -1, 1 << 70, math.nan, math.inf, -math.inf]
NO_JSON = ["", "{", "[]", "null", "NaN", "5", '"run"', "[" * 100_000, '{"a": 1}', "\u0000"]


class SavedFile(NamedTuple):
    engine: Engine
    session: Session
    path: Path
    contents: Contents

    def read_changed(self, contents: Contents, *, signed: bool) -> Session:
        changed = self.path.with_name("changed")
        contents.write(changed, signed=signed)
        return self.engine.resume(changed)

    def refused(self, contents: Contents, field: str, *, signed: bool) -> None:
        with pytest.raises(ValueError, match="changed is ") as error:
            self.read_changed(contents, signed=signed)
        assert field in str(error.value)


def saved_file(path: Path, cache: CacheSpec, rule: Visibility) -> SavedFile:
    """After a prompt and three steps that were drawn."""
    engine = tiny_engine()
    sampling = SamplingParams(temperature=0.7, seed=5, stop_ids=(2, 7))
    session = engine.session(cache=cache, visibility=rule, sampling=sampling)
    session.update(random_ids(engine.model.config, 9))
    for _ in range(3):
        session.step()
    session.save(path / "whole")
    return SavedFile(engine, session, path, Contents.of(path / "whole"))


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> SavedFile:
    return saved_file(tmp_path, *request.param)


def leaves(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, member in value.items():
        yield (name,)
        if isinstance(member, dict):
            yield from ((name, *rest) for rest in leaves(member))


def with_member(value: dict[str, Any], way: tuple[str, ...], member: object) -> dict[str, Any]:
    changed = deepcopy(value)
    inner = changed
    for name in way[:-1]:
        inner = inner[name]
    if member is MISSING:
        del inner[way[-1]]
    else:
        inner[way[-1]] = member
    return changed


def member_of(value: dict[str, Any], way: tuple[str, ...]) -> Any:
    for name in way:
        value = value[name]
    return value


@pytest.mark.parametrize("text", ["run", "step"])
def test_every_field_of_the_run_and_the_step_is_checked(saved: SavedFile, text: str) -> None:
    whole = json.loads(saved.contents.texts[text])
    for way in leaves(whole):
        for wrong in WRONG:
            if repr(member_of(whole, way)) == repr(wrong):
                continue
            changed = json.dumps(with_member(whole, way, wrong))
            contents = saved.contents._replace(texts=saved.contents.texts | {text: changed})
            saved.refused(contents, text, signed=False)
            try:
                other = saved.read_changed(contents, signed=True)
            except ValueError as error:
                assert "changed is damaged" in str(error)
                assert way[-1] in str(error) or "layers.0" in str(error) or "pos" in str(error)
            else:  # another run or step that can be: it is that one, and goes on
                again = json.loads(saved.contents.texts[text]) and other.run.sampling
                assert again and other.step().next_id >= 0
    for way in ((), *(way for way in leaves(whole) if isinstance(member_of(whole, way), dict))):
        changed = json.dumps(with_member(whole, (*way, "odd"), 1))
        contents = saved.contents._replace(texts=saved.contents.texts | {text: changed})
        saved.refused(contents, "odd has no place", signed=True)


@pytest.mark.parametrize("name", ["run", "step", "config", "format", "fingerprint", DIGESTS])
def test_every_text_is_checked(tmp_path: Path, name: str) -> None:
    saved = saved_file(tmp_path, Rolling(), WINDOW)
    texts = saved.contents.texts
    for wrong in NO_JSON:
        contents = saved.contents._replace(texts=texts | {name: wrong})
        saved.refused(contents, "" if name == "fingerprint" else name, signed=False)
        if name in ("run", "step"):
            saved.refused(contents, name, signed=True)
    left = {key: text for key, text in texts.items() if key != name}
    saved.refused(
        saved.contents._replace(texts=left), "" if name == "fingerprint" else name, signed=False
    )
    both = saved.contents._replace(texts=texts | {"fingerprint": "0" * 64, name: "["})
    saved.refused(both, "", signed=False)
    saved.refused(
        saved.contents._replace(texts=texts | {"odd": ""}), "odd has no place", signed=True
    )


def damages(x: Tensor) -> Iterator[Tensor]:
    """Tensors that are wrong in the place of one of this shape and type, whatever it is of."""
    yield from (x.to(dtype) for dtype in (torch.float16, torch.float64, torch.int32, torch.bool))
    yield x[..., :-1].clone()
    yield torch.cat([x, x], -1)
    yield x[None].clone()
    yield x.flatten()[0].clone()
    yield x[..., :0].clone()
    if x.is_floating_point():
        for number in (math.nan, math.inf, -math.inf):
            yield x.index_fill(-1, torch.tensor([2]), number)


def test_every_tensor_is_checked(saved: SavedFile) -> None:
    tensors = saved.contents.tensors
    for name, x in tensors.items():
        left = {key: each for key, each in tensors.items() if key != name}
        saved.refused(saved.contents._replace(tensors=left), f"{name} is missing", signed=True)
        for wrong in damages(x):
            contents = saved.contents._replace(tensors=tensors | {name: wrong})
            if name == "ids" and wrong.dtype == torch.int64 and wrong.ndim == 1:
                saved.refused(contents, "", signed=True)  # another text: what no longer fits it
                saved.refused(contents, "", signed=False)
            else:
                saved.refused(contents, name, signed=True)
                saved.refused(contents, name, signed=False)
    odd = saved.contents._replace(tensors=tensors | {"layers.0.q": tensors["layers.0.k"].clone()})
    saved.refused(odd, "layers.0.q has no place", signed=True)


def test_a_number_that_could_be_another_one_is_known_by_its_digest(saved: SavedFile) -> None:
    tensors = saved.contents.tensors
    for name, x in tensors.items():
        changed = x.clone()
        changed.view(-1)[-1] = changed.view(-1)[-1] + 1 if name != "ids" else 3
        contents = saved.contents._replace(tensors=tensors | {name: changed})
        saved.refused(contents, name, signed=False)
    for one, other in (("layers.0.k", "layers.1.k"), ("layers.2.k", "layers.2.v")):
        swapped = tensors | {one: tensors[other], other: tensors[one]}
        saved.refused(saved.contents._replace(tensors=swapped), "layers.", signed=False)


def test_positions_are_those_that_the_cache_holds_and_in_their_order(saved: SavedFile) -> None:
    pos = saved.contents.tensors["pos"]
    others = [pos.flip(0), pos.roll(1), pos[:1].expand(len(pos)).clone(), pos + 1, pos - 1, pos * 0]
    others.append(torch.cat([pos[:1], pos[:-1]]))
    for other in others:
        contents = saved.contents._replace(tensors=saved.contents.tensors | {"pos": other})
        saved.refused(contents, "pos", signed=True)


def test_the_state_of_the_generator_is_one_that_it_can_have(saved: SavedFile) -> None:
    state = saved.contents.tensors["rng"]
    others = [torch.zeros_like(state), torch.full_like(state, 255), state.flip(0), state.roll(8)]
    for other in others:
        contents = saved.contents._replace(tensors=saved.contents.tensors | {"rng": other})
        saved.refused(contents, "rng", signed=True)


def test_a_state_that_torch_takes_and_gives_back_as_another_is_none(tmp_path: Path) -> None:
    saved = saved_file(tmp_path, *KINDS["contiguous"])
    state = saved.contents.tensors["rng"]
    others = []
    for place in range(0, len(state), 97):
        other = state.clone()
        other[place] ^= 1
        with suppress(RuntimeError):  # what torch does not take is refused above
            generator = torch.Generator()
            generator.set_state(other)
            if not torch.equal(generator.get_state(), other):
                others.append(other)
    assert others
    for other in others:
        contents = saved.contents._replace(tensors=saved.contents.tensors | {"rng": other})
        saved.refused(contents, "rng is no state of a generator: another one", signed=True)


def test_ids_are_those_of_the_model(saved: SavedFile) -> None:
    ids = saved.contents.tensors["ids"]
    for wrong in (-1, 104, 1 << 62):
        other = ids.index_fill(0, torch.tensor([4]), wrong)
        contents = saved.contents._replace(tensors=saved.contents.tensors | {"ids": other})
        saved.refused(contents, "must lie in 0 to 103", signed=True)


def test_what_was_chosen_is_the_likeliest_where_nothing_is_drawn(tmp_path: Path) -> None:
    engine = tiny_engine()
    session = engine.session()
    step = session.update([5, 9, 2])
    session.save(tmp_path / "whole")
    contents = Contents.of(tmp_path / "whole")
    saved = SavedFile(engine, session, tmp_path, contents)
    for name, wrong in (("next_id", (step.next_id + 1) % 104), ("start", 1), ("dropped", 1)):
        text = json.dumps(json.loads(contents.texts["step"]) | {name: wrong})
        changed = contents._replace(texts=contents.texts | {"step": text})
        saved.refused(changed, f"step.{name}={wrong}", signed=True)
        saved.refused(changed, "step is not what was saved", signed=False)


@pytest.mark.parametrize(
    ("cache", "message"),
    [
        (
            {"kind": "Quantized", "bits": 4, "keys": "token", "group": 8, "residual": 8},
            "cannot have",
        ),
        ({"kind": "NoCache"}, r"run.cache: NoCache\(\) cannot have been saved"),
        ({"kind": "os.system"}, "run.cache="),
        ({"kind": []}, "run.cache="),
        ({"kind": "Static", "capacity": 3}, "run.cache|capacity=3"),
        ({"kind": "Rolling"}, r"run.cache: Rolling\(\) with window=None"),
    ],
    ids=str,
)
def test_another_kind_of_cache_is_refused(
    tmp_path: Path, cache: dict[str, object], message: str
) -> None:
    saved = saved_file(tmp_path, *KINDS["contiguous"])
    text = json.dumps(json.loads(saved.contents.texts["run"]) | {"cache": cache})
    contents = saved.contents._replace(texts=saved.contents.texts | {"run": text})
    with pytest.raises(ValueError, match=f"changed is damaged: .*({message})"):
        saved.read_changed(contents, signed=True)


@pytest.mark.parametrize(
    ("cache", "field"),
    [
        ({"kind": "Static", "capacity": 1 << 24}, "capacity=16777216"),
        ({"kind": "Static", "capacity": 257}, "capacity=257"),
        ({"kind": "Paged", "block_size": 1 << 24}, "block_size=16777216"),
    ],
    ids=str,
)
def test_slots_that_no_text_can_fill_are_refused_before_any_is_allocated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: dict[str, object], field: str
) -> None:
    saved = saved_file(tmp_path, *KINDS["contiguous"])
    text = json.dumps(json.loads(saved.contents.texts["run"]) | {"cache": cache})
    contents = saved.contents._replace(texts=saved.contents.texts | {"run": text})
    monkeypatch.setattr(torch, "arange", lambda *_: pytest.fail("memory for the slots was taken"))
    saved.refused(contents, f"run.cache: {field} must be from 1 to 256", signed=True)


def test_a_byte_that_is_changed_is_noticed_or_changes_nothing(saved: SavedFile) -> None:
    rng, path = random.Random(0), saved.path / "changed"
    whole = (saved.path / "whole").read_bytes()
    header = int.from_bytes(whole[:8], "little")
    places = [
        *range(8),
        *rng.sample(range(8, header), 120),
        *rng.sample(range(header, len(whole)), 40),
    ]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            read = saved.engine.resume(path)
        except ValueError as error:
            assert "changed is" in str(error)
        else:
            assert (read.ids, read.run) == (saved.session.ids, saved.session.run)
            assert torch.equal(read.rng.get_state(), saved.session.rng.get_state())
            np.testing.assert_array_equal(read.last.logits, saved.session.last.logits)


def test_a_file_cut_short_anywhere_is_refused(saved: SavedFile) -> None:
    whole = (saved.path / "whole").read_bytes()
    for n in (0, 7, 8, 100, len(whole) // 2, len(whole) - 1):
        (saved.path / "changed").write_bytes(whole[:n])
        with pytest.raises(ValueError, match="changed is damaged or cut short"):
            saved.engine.resume(saved.path / "changed")
    with pytest.raises(FileNotFoundError):
        saved.engine.resume(saved.path / "nowhere")


@BY_KIND
def test_what_is_whole_is_read(tmp_path: Path, cache: CacheSpec, rule: Visibility) -> None:
    saved = saved_file(tmp_path, cache, rule)
    for signed in (False, True):
        assert saved.read_changed(saved.contents, signed=signed).ids == saved.session.ids
