"""An argument either works or is a ValueError that names it, with the number."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest
import torch

import kvcore
from kvcore import (
    Contiguous,
    KeyAtWrongPosition,
    KeyRotatedTwice,
    KRowDropped,
    MaskOff,
    NoCache,
    Paged,
    PagedPool,
    Quantized,
    RunConfig,
    SamplingParams,
    Scheduler,
    StaleRow,
    Static,
    Visibility,
    VRowDropped,
)
from kvcore.bench import report
from kvcore.cache import make_cache
from kvcore.engine.sampling import sample
from kvcore.records.trace import Recording
from kvcore.study.numerics import numerics
from tests.kvcore.tiny import random_ids, tiny_config, tiny_engine

ENGINE = tiny_engine()
IDS = random_ids(ENGINE.model.config, 7)
RUN = RunConfig(sampling=SamplingParams(max_new_tokens=2))
STEP = ENGINE.generate(IDS, RUN).steps[0]
SCHEDULER = Scheduler()
NAN, INF = math.nan, math.inf
NO_COUNTS: list[object] = [0, -1, 2.5, 3.0, True, NAN, INF, "3", None, [3], 1 << 70, np.float64(3)]
NO_COUNTS += [np.bool_(True), np.array([3]), torch.tensor(2.5)]
AS_IDS: dict[str, Callable[[Sequence[int]], object]] = {
    "tuple": tuple,
    "a list of numpy's integers": lambda ids: [np.int32(i) for i in ids],
    "array": np.array,
    "array of one byte each": lambda ids: np.array(ids, np.uint8),
    "array of every second": lambda ids: np.repeat(ids, 2)[::2],
    "tensor": torch.tensor,
    "tensor of one byte each": lambda ids: torch.tensor(ids, dtype=torch.uint8),
}
USES: dict[str, Callable[[object], object]] = {
    "generate": lambda ids: ENGINE.generate(ids, RUN).prompt_ids,
    "stream": lambda ids: next(ENGINE.stream(ids, RUN)).ids,
    "recompute": lambda ids: len(ENGINE.recompute(ids)[0]),
    "session": lambda ids: ENGINE.session().update(ids).ids,
    "damage": lambda ids: kvcore.damage(ENGINE, ids).exact_bytes,
    "delete": lambda ids: kvcore.delete(ENGINE, ids, "k", pos=0).n_vectors,
    "what_if": lambda ids: kvcore.what_if(ENGINE, ids, MaskOff(), 2).prompt_ids,
    "race": lambda ids: [lap.next_id for lap in kvcore.race(ENGINE, ids, 2, 1)],
    "count_last_step": lambda ids: kvcore.count_last_step(ENGINE, ids),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_ids_may_come_from_any_library_and_give_what_a_list_gives(
    use: Callable[[object], object],
) -> None:
    expected = use(IDS)
    for name, form in AS_IDS.items():
        assert use(form(IDS)) == expected, name


def test_what_a_run_keeps_of_them_is_pythons_own() -> None:
    step = ENGINE.session().update(np.array(IDS))
    assert {type(i) for i in (*step.ids, *ENGINE.generate(np.array(IDS), RUN).prompt_ids)} == {int}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ("The whale", "ids='The whale' is text: encode it"),
        (b"abc", "ids=b'abc' is text"),
        (bytearray(b"abc"), r"ids=bytearray\(b'abc'\) is text"),
        # Named here: its own name holds an address, and two workers would collect different tests.
        pytest.param(memoryview(b"abc"), "ids=b'abc' is text", id="memoryview(b'abc')"),
        ([3, 4.0], r"ids\[1\]=4.0 must be a whole number: encode the text with this model's"),
        ([3, True], r"ids\[1\]=True must be a whole number"),
        ([3, None], r"ids\[1\]=None must be"),
        (["3", "4"], r"ids\[0\]='3' must be"),
        ([[3, 4]], r"ids\[0\]=\[3, 4\] must be a whole number"),
        (np.array([3.0, 4.0]), r"ids\[0\]=3.0 must be a whole number"),
        (np.array([True, False]), r"ids\[0\]=True must be a whole number"),
        (np.array([[3, 4], [5, 6]]), r"ids\[0\]=\[3, 4\] must be a whole number"),
        (np.array(3), "ids=3 must be a sequence"),
        (torch.tensor([[3, 4]]), r"ids\[0\]=\[3, 4\] must be a whole number"),
        (torch.tensor([3.5]), r"ids\[0\]=3.5 must be a whole number"),
        (7, "ids=7 must be a sequence"),
        (None, "ids=None must be a sequence"),
        ({3, 4}, r"ids=\{3, 4\} must be a sequence"),
        ({3: 4}, r"ids=\{3: 4\} must be a sequence"),
        ([3, -1], r"ids\[1\]=-1 must be from 0 to 103: encode"),
        (torch.tensor([3, -1]), r"ids\[1\]=-1 must be from 0 to 103"),
        ([3, 104], r"ids\[1\]=104 must be from 0 to 103"),
        ([3, 1 << 70], r"ids\[1\]=11805.* must be from 0 to 103"),
        ([], "0 tokens: give at least 1"),
        (np.array([], int), "0 tokens"),
        (torch.empty(0), "0 tokens"),
        ([3] * 300, "300 tokens do not fit max_seq_len=256: feed fewer"),
    ],
    ids=str,
)
def test_what_are_no_ids_is_refused(
    use: Callable[[object], object], ids: object, message: str
) -> None:
    with pytest.raises(ValueError, match=f"{message}|no tokenizer: give ids"):
        use(ids)


@pytest.mark.parametrize("temperature", [0, 1.0])
@pytest.mark.parametrize("logits", [[0.0, NAN], [INF, 0.0], [-INF, -INF]], ids=str)
def test_logits_that_nothing_can_be_chosen_from_are_refused(
    logits: list[float], temperature: float
) -> None:
    drawn = SamplingParams(temperature=temperature)
    with pytest.raises(ValueError, match="no token can be chosen: the largest of the logits is"):
        sample(torch.tensor(logits), drawn, torch.Generator())


def test_a_logit_of_minus_infinity_is_never_drawn() -> None:
    drawn = SamplingParams(temperature=1.0)
    assert sample(torch.tensor([-INF, 0.0]), drawn, torch.Generator()) == 1


COUNTS: dict[str, Callable[[object], object]] = {
    "capacity": lambda n: Static(capacity=n),
    "block_size": lambda n: Paged(block_size=n),
    "group": lambda n: Quantized(group=n),
    "residual": lambda n: Quantized(residual=n),
    "bits": lambda n: Quantized(bits=n),
    "window": lambda n: Visibility(window=n if n is not None else 0),
    "max_new_tokens": lambda n: SamplingParams(max_new_tokens=n),
    "n_blocks": lambda n: PagedPool(ENGINE.model.config, n),
    "block_size of a pool": lambda n: PagedPool(ENGINE.model.config, 4, n),
    "sequences": lambda n: Scheduler(sequences=n),
    "tokens": lambda n: Scheduler(tokens=n),
    "n_tokens of a what-if": lambda n: kvcore.what_if(ENGINE, IDS, MaskOff(), n),
    "n_tokens of a race": lambda n: kvcore.race(ENGINE, IDS, n, 1),
    "n_tokens of numerics": lambda n: next(numerics("nowhere", [IDS], n)),
    "repeats": lambda n: kvcore.race(ENGINE, IDS, 2, n),
    "repeats of a bench": lambda n: next(report("tiny", [4], n, 2)),
    "tokens of a bench": lambda n: next(report("tiny", [4], 1, n)),
    "contexts": lambda n: next(report("tiny", [n], 1, 1)),
    "fed": lambda n: kvcore.step_cost(ENGINE.model.config, fed=n, seen=4),
    "seen": lambda n: kvcore.step_cost(ENGINE.model.config, fed=1, seen=n),
    "prompt": lambda n: kvcore.run_costs(ENGINE.model.config, prompt=n, steps=2),
    "steps": lambda n: kvcore.run_costs(ENGINE.model.config, prompt=2, steps=n),
    "itemsize": lambda n: kvcore.kv_bytes_per_token(ENGINE.model.config, n),
    "latent_dim": lambda n: kvcore.mla_bytes_per_token(n_layers=2, latent_dim=n, rope_dim=2),
    "n of likeliest": lambda n: kvcore.likeliest(STEP, n),
    "vocab_size": lambda n: tiny_config(vocab_size=n),
    "n_layers": lambda n: tiny_config(n_layers=n),
    "max_seq_len": lambda n: tiny_config(max_seq_len=n),
}


@pytest.mark.parametrize("name", COUNTS)
def test_what_is_no_count_is_refused_by_name(name: str) -> None:
    for wrong in NO_COUNTS:
        with pytest.raises(ValueError, match=f"{name.split(maxsplit=1)[0]}=.* must be"):
            COUNTS[name](wrong)


def test_numbers_of_other_libraries_are_kept_as_pythons_own() -> None:
    for three in (3, np.int64(3), np.uint8(3)):
        made = (
            Static(capacity=three).capacity,
            Paged(block_size=three).block_size,
            Quantized(group=three, residual=three).group,
            Visibility(window=three, n_sink=three).n_sink,
            SamplingParams(max_new_tokens=three, seed=three).seed,
            SamplingParams(stop_ids=np.array([three])).stop_ids[0],
        )
        assert made == (3,) * 6
        assert {type(each) for each in made} == {int}
    for warm in (1, 1.0, np.float32(1), Fraction(1)):
        assert SamplingParams(temperature=warm) == SamplingParams(temperature=1.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Visibility(window=4, n_sink=NAN), "n_sink=nan must be a whole number"),
        (lambda: Visibility(window=4, n_sink=-1), "n_sink=-1 must be at least 0"),
        (lambda: Visibility(causal=1), "causal=1 must be True or False"),
        (lambda: Visibility(causal="no"), "causal='no' must be True or False"),
        (lambda: SamplingParams(temperature=NAN), "temperature=nan must be 0 or more, and finite"),
        (lambda: SamplingParams(temperature=INF), "temperature=inf must be 0 or more, and finite"),
        (lambda: SamplingParams(temperature=-1), "temperature=-1 must be 0 or more"),
        (lambda: SamplingParams(temperature=10**400), "temperature=1000.* must be 0 or more"),
        (lambda: SamplingParams(temperature="warm"), "temperature='warm' must be a number"),
        (lambda: SamplingParams(temperature=True), "temperature=True must be a number"),
        (lambda: SamplingParams(temperature=None), "temperature=None must be a number"),
        (lambda: SamplingParams(seed=1.5), "seed=1.5 must be a whole number"),
        (lambda: SamplingParams(seed=1 << 64), "seed=18446744073709551616 must be from -"),
        (lambda: SamplingParams(stop_ids=2), "stop_ids=2 must be a sequence"),
        (lambda: SamplingParams(stop_ids="end"), "stop_ids='end' is text"),
        (lambda: SamplingParams(stop_ids=(2, -1)), r"stop_ids\[1\]=-1 must be at least 0"),
        (lambda: SamplingParams(stop_ids=(2.0,)), r"stop_ids\[0\]=2.0 must be a whole number"),
        (
            lambda: RunConfig(cache=Contiguous),
            r"cache=<class .*Contiguous.* must be NoCache\(...\)",
        ),
        (lambda: RunConfig(cache="paged"), "cache='paged' must be"),
        (lambda: RunConfig(visibility=4), r"visibility=4 must be Visibility\(...\)"),
        (lambda: RunConfig(sampling=0.7), r"sampling=0.7 must be SamplingParams\(...\)"),
        (lambda: ENGINE.generate(IDS, Contiguous()), r"run=Contiguous\(\) must be RunConfig"),
        (lambda: ENGINE.generate(IDS, None), "run=None must be RunConfig"),
        (lambda: ENGINE.session(cache=Paged), "cache=<class .*Paged"),
        (lambda: make_cache("paged", ENGINE.model.config), "cache='paged' must be"),
        (lambda: kvcore.damage(ENGINE, IDS, cache="paged"), "cache='paged' must be"),
        (lambda: kvcore.damage(ENGINE, [3]), "1 token is followed by none.*give at least 2"),
        (lambda: kvcore.step_cost(tiny_config(), fed=1, seen=2, cache="x"), "cache='x' must be"),
        (lambda: kvcore.look(STEP, 3), "layer=3 must be from 0 to 2"),
        (lambda: kvcore.look(STEP, -1), "layer=-1 must be from 0 to 2"),
        (lambda: kvcore.look(STEP, 1.5), "layer=1.5 must be a whole number"),
        (lambda: kvcore.look(STEP, True), "layer=True must be a whole number"),
        (lambda: kvcore.look(STEP, 0, "some"), "queries='some' must be 'fed' or 'all'"),
        (lambda: kvcore.cell(kvcore.look(STEP, 0), 0.0, 1, 1), "head=0.0 must be a whole number"),
        (lambda: kvcore.cell(kvcore.look(STEP, 0), 0, 99, 1), "row=99 must be from 0 to 6"),
        (lambda: kvcore.what_if(ENGINE, IDS, None), r"spec=None must be MaskOff\(...\)"),
        (lambda: kvcore.what_if(ENGINE, IDS, MaskOff), "spec=<class .*MaskOff"),
        (
            lambda: kvcore.what_if(ENGINE, IDS, KRowDropped(pos=6)),
            "pos=6 must be from 0 to 5: an old",
        ),
        (lambda: KRowDropped(pos=1.0), "pos=1.0 must be a whole"),
        (lambda: VRowDropped(pos=None), "pos=None must be a whole"),
        (lambda: KeyRotatedTwice(pos=True), "pos=True must be a whole"),
        (lambda: KeyAtWrongPosition(pos=1, at=0.5), "at=0.5 must be"),
        (lambda: KeyAtWrongPosition(pos="1", at=0), "pos='1' must be"),
        (lambda: StaleRow(pos=1, old_id=-1), "old_id=-1 must be at least 0"),
        (lambda: StaleRow(pos=-1, old_id=1), "pos=-1 must be at least 0"),
        (lambda: kvcore.delete(ENGINE, IDS, "k"), "pos=None must be a whole number: an old token"),
        (lambda: kvcore.delete(ENGINE, IDS, "v", pos=6), "pos=6 must be from 0 to 5"),
        (
            lambda: make_cache(Contiguous(), tiny_config()).crop(0.0),
            r"n=0.0 must be a whole number: crop\(0.0\)",
        ),
        (lambda: Scheduler(None), "name=None must be str"),
        (lambda: Scheduler(name=7), "name=7 must be str"),
        (lambda: Scheduler(sequences=9, tokens=8), "sequences=9 must be from 1 to 8, for tokens=8"),
        (lambda: kvcore.quality(np.zeros((2, 5)), np.zeros((2, 5)), "ab"), "ids='ab' is text"),
        (lambda: kvcore.quality(np.zeros((2, 5)), np.zeros((2, 5)), [1, 5]), "ids up to 5"),
        (lambda: kvcore.quality(np.zeros((2, 5)), np.zeros((2, 1)), [1, 0]), "one vocabulary"),
        (lambda: kvcore.verify(ENGINE, []), r"steps=\[\] must be at least 1 step of a run"),
        (lambda: kvcore.verify(ENGINE, None), "steps=None must be at least 1 step"),
        (
            lambda: kvcore.verify(ENGINE, ENGINE.generate(IDS, RUN)),
            "steps=Trace.*: give trace.steps",
        ),
        (lambda: kvcore.delete(ENGINE, IDS, "z", 0), "rows='z' must be 'q', 'k' or 'v'"),
        (
            lambda: kvcore.changed_rows(STEP.recording, STEP.recording, 2.5),
            "n_kv_heads=2.5 must be",
        ),
        (lambda: kvcore.changed_rows(STEP.recording, Recording(), 2), "7 and 0 tokens recorded"),
        (lambda: kvcore.verify(ENGINE, ["a"]), r"steps\[0\]='a' must be Step\(...\)"),
        (lambda: ENGINE.recompute(IDS, 4), r"visibility=4 must be Visibility\(...\)"),
        (lambda: kvcore.damage(ENGINE, IDS, visibility=4), "visibility=4 must be Visibility"),
        (lambda: kvcore.load(5), r"model=5 must be str or Path\(...\)"),
        (lambda: kvcore.load(None), "model=None must be str"),
        (lambda: kvcore.load().tokenizer.encode(None), "text=None must be str"),
        (lambda: kvcore.load().tokenizer.encode(b"abc"), "text=b'abc' must be str"),
        (lambda: kvcore.load().tokenizer.decode("abc"), "ids='abc' is text"),
        (lambda: kvcore.load().tokenizer.decode([1.5]), r"ids\[0\]=1.5 must be a whole number"),
        (lambda: kvcore.load().tokenizer.labels(None), "ids=None must be a sequence"),
        (lambda: ENGINE.resume(None), "path=None must be str or Path"),
        (lambda: PagedPool(None, 4), "model=None must be ModelConfig"),
        (lambda: kvcore.step_cost(None, fed=1, seen=2), "model=None must be ModelConfig"),
        (lambda: tiny_config(rope_scaling="linear"), "rope_scaling='linear' must be LinearScaling"),
        (lambda: kvcore.fetch("gpt2"), "'gpt2' cannot be fetched, only smollm2"),
        (lambda: tiny_config(tied="yes"), "tied='yes' must be True or False"),
        (lambda: tiny_config(nope_layers=1), "nope_layers=1 must be a sequence"),
        (lambda: tiny_config(rope_theta="1e4"), "rope_theta='1e4' must be a number"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


NONE_OF_THESE: list[object] = [None, "", "a", 0, 2.5, NAN, False, [], ["a"], {}, np.zeros((2, 2))]
NONE_OF_THESE += [torch.zeros(2), object(), Scheduler, kvcore.load(), print]
TAKEN: dict[str, Callable[[object], object]] = {
    "engine of verify": lambda x: kvcore.verify(x, [STEP]),
    "engine of damage": lambda x: kvcore.damage(x, IDS),
    "engine of delete": lambda x: kvcore.delete(x, IDS, "k", 0),
    "engine of race": lambda x: kvcore.race(x, IDS, 2, 1),
    "engine of what_if": lambda x: kvcore.what_if(x, IDS, MaskOff()),
    "engine of count_last_step": lambda x: kvcore.count_last_step(x, IDS),
    "model of an engine": kvcore.Engine,
    "model of counting": lambda x: kvcore.counting(x).__enter__(),
    "model of kv_bytes_per_token": kvcore.kv_bytes_per_token,
    "run of a session": lambda x: kvcore.Session(ENGINE, x, capture=True),
    "step of look": lambda x: kvcore.look(x, 0),
    "step of likeliest": lambda x: kvcore.likeliest(x, 2),
    "step of key_norms": kvcore.key_norms,
    "layer of cell": lambda x: kvcore.cell(x, 0, 0, 0),
    "queries of look": lambda x: kvcore.look(STEP, 0, x),
    "rows of delete": lambda x: kvcore.delete(ENGINE, IDS, x, 0),
    "keys of a quantized cache": lambda x: Quantized(keys=x),
    "a of changed_rows": lambda x: kvcore.changed_rows(x, STEP.recording, 2),
    "b of changed_rows": lambda x: kvcore.changed_rows(STEP.recording, x, 2),
    "exact of trace_quality": lambda x: kvcore.trace_quality(x, ENGINE.generate(IDS, RUN)),
    "laps of a race": kvcore.RaceResult.of,
    "session of update": lambda x: SCHEDULER.update(x, IDS),
    "session of step": SCHEDULER.step,
    "session of cancel": SCHEDULER.cancel,
    "pieces of a job": SCHEDULER.submit_pieces,
    "inner of a tokenizer": kvcore.Tokenizer,
}
DEFAULTED: dict[str, Callable[[object], object]] = {
    "cache of a session": lambda x: ENGINE.session(cache=x),
    "visibility of a session": lambda x: ENGINE.session(visibility=x),
    "sampling of a session": lambda x: ENGINE.session(sampling=x),
    "cache of damage": lambda x: kvcore.damage(ENGINE, IDS, cache=x),
    "visibility of damage": lambda x: kvcore.damage(ENGINE, IDS, visibility=x),
    "visibility of recompute": lambda x: ENGINE.recompute(IDS, x),
    "visibility of a cache": lambda x: make_cache(Contiguous(), ENGINE.model.config, x),
    "cache of step_cost": lambda x: kvcore.step_cost(tiny_config(), fed=1, seen=2, cache=x),
    "visibility of step_cost": lambda x: kvcore.step_cost(
        tiny_config(), fed=1, seen=2, visibility=x
    ),
    "cache of run_costs": lambda x: kvcore.run_costs(tiny_config(), prompt=2, steps=1, cache=x),
}
FLAGS: dict[str, Callable[[object], object]] = {
    "capture of generate": lambda x: ENGINE.generate(IDS, RUN, x),
    "capture of a session": lambda x: ENGINE.session(capture=x),
    "fast": lambda x: kvcore.load("tiny", fast=x),
    "mid_text of encode": lambda x: kvcore.load().tokenizer.encode("a", mid_text=x),
    "mid_text of labels": lambda x: kvcore.load().tokenizer.labels([5], mid_text=x),
}


@pytest.mark.parametrize("name", [*TAKEN, *DEFAULTED, *FLAGS])
def test_what_an_argument_cannot_be_is_refused_by_its_name(name: str) -> None:
    argument = name.split(maxsplit=1)[0]
    for wrong in NONE_OF_THESE:
        if (wrong is None and name in DEFAULTED) or (wrong is False and name in FLAGS):
            continue
        with pytest.raises(ValueError, match=rf"^{argument}(\[0\])?=.* must be "):
            (TAKEN | DEFAULTED | FLAGS)[name](wrong)


def test_a_decoder_given_as_an_engine_is_told_where_its_engine_is() -> None:
    with pytest.raises(ValueError, match=r"engine=Decoder.*: a Decoder has one, decoder\.engine"):
        kvcore.verify(kvcore.load(), [STEP])


def test_a_session_of_what_is_no_engine_is_refused_when_it_is_made() -> None:
    for wrong in NONE_OF_THESE:
        with pytest.raises(
            ValueError, match=r"^engine\.model=.* must be .*: give an Engine, as dec"
        ):
            kvcore.Session(wrong, RUN, capture=True)


def test_a_scheduler_serves_on_after_nonsense() -> None:
    for wrong in (None, [], "session"):
        with pytest.raises(ValueError, match=r"session=.* must be Session"):
            SCHEDULER.update(wrong, IDS)
    with pytest.raises(ValueError, match="job=None must be a function"):
        SCHEDULER.submit(None)
    assert SCHEDULER.update(ENGINE.session(), IDS).result(20).ids == tuple(IDS)


@pytest.mark.parametrize(
    "cache", [Static(capacity=1 << 24), Static(capacity=257), Paged(block_size=1 << 24)], ids=str
)
def test_slots_that_no_sequence_can_fill_are_refused_before_they_take_memory(cache) -> None:
    expected = "must be from 1 to 256: no sequence is longer than max_seq_len"
    with pytest.raises(ValueError, match=expected):
        ENGINE.session(cache=cache)


def test_arrays_of_different_shapes_have_no_gap() -> None:
    for a, b in (((2, 3), (3,)), ((0,), (0,))):
        with pytest.raises(ValueError, match=r"arrays of shapes .* give two of one shape"):
            kvcore.max_gap(np.zeros(a), np.zeros(b))


def test_a_path_that_is_none_is_told_what_it_is(tmp_path) -> None:
    session = ENGINE.session()
    session.update(IDS)
    with pytest.raises(ValueError, match="path=None must be str or Path"):
        session.save(None)
    with pytest.raises(ValueError, match=r"is a folder: give the file that Session\.save wrote"):
        ENGINE.resume(tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder '': give a folder"):
        kvcore.load("")


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-45, 1e-30, 1e300])
def test_any_temperature_draws_an_id(temperature: float) -> None:
    params = SamplingParams(max_new_tokens=3, temperature=temperature)
    cold = ENGINE.generate(IDS, RunConfig(sampling=params))
    greedy = ENGINE.generate(IDS, RunConfig(sampling=SamplingParams(max_new_tokens=3)))
    assert len(cold.new_ids) == 3
    assert temperature > 1 or cold.new_ids == greedy.new_ids


def test_no_cache_is_a_cache_that_is_given_by_its_kind() -> None:
    assert RunConfig(cache=NoCache()).cache == NoCache()
