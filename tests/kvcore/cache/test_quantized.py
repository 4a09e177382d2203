"""K and V in 8 and 4 bits: what is lost is bounded, and whose numbers follows from the position."""

import numpy as np
import pytest
import torch

from kvcore.cache import make_cache
from kvcore.cache.quantized import QuantizedLayer
from kvcore.model.transformer import Transformer
from kvcore.ops.quantize import dequantize, quantize
from kvcore.records.cache_specs import Contiguous, Quantized
from kvcore.records.config import RunConfig, SamplingParams
from kvcore.records.trace import QuantizedSnapshot
from kvcore.study.look import look
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import (
    HEADS,
    TOLERANCE,
    random_ids,
    tiny_config,
    tiny_engine,
    tiny_model,
    tiny_weights,
)

ATOL = 1e-4
N = 70
SPECS = {
    f"{bits} bits, {keys}": Quantized(bits=bits, keys=keys, group=8, residual=12)
    for bits in (8, 4)
    for keys in ("channel", "token")
}
BY_SPEC = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("dim", [-1, -2])
def test_what_comes_back_differs_by_at_most_half_a_scale(bits, dim) -> None:
    x = torch.randn(3, 2, 10, 12, generator=torch.Generator().manual_seed(0)) * 5
    codes = quantize(x, bits, dim)
    assert codes.codes.dtype == torch.uint8
    assert codes.codes.nbytes == x.numel() * bits // 8
    assert codes.scale.shape == (3, 2, *((10, 1) if dim == -1 else (1, 12)))
    back = dequantize(codes, bits)
    assert ((back - x).abs() <= codes.scale / 2 + 1e-6).all()
    for extreme in (torch.amin, torch.amax):  # both ends of a row are codes themselves
        torch.testing.assert_close(extreme(back, dim), extreme(x, dim))


def test_codes_by_plain_arithmetic() -> None:
    x = torch.tensor([[0.0, 1.0, 2.0, 15.0], [-3.0, -3.0, -3.0, -3.0]])
    codes = quantize(x, 4, -1)
    assert codes.codes.tolist() == [[0 | 2 << 4, 1 | 15 << 4], [0, 0]]
    assert codes.scale.flatten().tolist() == [1.0, 1.0]
    assert dequantize(codes, 4).tolist() == x.tolist()


@BY_SPEC
@pytest.mark.parametrize("chunks", [[N], [1] * N, [7, 1, 30, 19, 13]], ids=["whole", "1", "ragged"])
def test_in_fp64_the_result_does_not_depend_on_how_the_prompt_was_chunked(spec, chunks) -> None:
    config, ids = tiny_config(), random_ids(tiny_config(), N)
    # In fp32 a last bit may carry a number across the border of its code.
    model = Transformer(config, {name: w.double() for name, w in tiny_weights(config).items()})
    one_by_one = feed(model, make_cache(spec, config), ids, [1] * N)
    other = feed(model, make_cache(spec, config), ids, chunks)
    np.testing.assert_allclose(other, one_by_one, atol=1e-9, rtol=0)


@BY_SPEC
def test_before_the_first_group_is_full_it_equals_the_plain_cache_and_after_it_does_not(
    spec,
) -> None:
    config = tiny_config()
    model, ids = tiny_model(config), random_ids(config, N)
    exact = feed(model, make_cache(Contiguous(), config), ids)
    coded = feed(model, make_cache(spec, config), ids)
    plain = spec.residual + spec.group - 1
    np.testing.assert_allclose(coded[:plain], exact[:plain], atol=ATOL, rtol=0)
    assert (np.abs(coded[plain:] - exact[plain:]).max(-1) > 5 * ATOL).all()


@pytest.mark.parametrize("heads", HEADS)
def test_four_bits_do_more_damage_than_eight(heads) -> None:
    config = tiny_config(heads)
    model, ids = tiny_model(config), random_ids(config, N)
    exact = feed(model, make_cache(Contiguous(), config), ids)
    damage = {
        bits: np.abs(feed(model, make_cache(Quantized(bits=bits), config), ids) - exact).max()
        for bits in (8, 4)
    }
    assert 0 < damage[8] < damage[4]


@BY_SPEC
@pytest.mark.parametrize("n", [1, 19, 20, 27, 28, N])
def test_bytes_equal_the_formula(spec, n) -> None:
    config = tiny_config()
    cache = make_cache(spec, config)
    feed(tiny_model(config), cache, random_ids(config, n))
    snapshot = cache.snapshot()
    assert snapshot.held_bytes == spec.stored_bytes(config, n)
    last = snapshot.last_layer
    assert isinstance(last, QuantizedSnapshot)
    assert last.n_coded == max(0, n - spec.residual) // spec.group * spec.group
    assert n - last.n_coded < spec.residual + spec.group
    assert (last.max_error > 0) == (last.n_coded > 0)
    assert last.max_error >= last.mean_error


def test_the_newest_tokens_are_kept_as_they_are_and_the_error_is_the_measured_one() -> None:
    spec, config = Quantized(bits=4, group=8, residual=12), tiny_config()
    model, ids = tiny_model(config), random_ids(config, N)
    coded, plain = make_cache(spec, config), make_cache(Contiguous(), config)
    feed(model, coded, ids)
    feed(model, plain, ids)
    layer, exact = coded[0], plain[0]  # the first layer's K and V do not depend on the cache
    assert isinstance(layer, QuantizedLayer)
    torch.testing.assert_close(layer.rest[0], exact.k[:, :, layer.n_coded : N])
    back = [dequantize(part, spec.bits).flatten(2, 3) for part in layer.coded]
    errors = [
        (mine - theirs[:, :, : layer.n_coded]).abs()
        for mine, theirs in zip(back, (exact.k, exact.v), strict=True)
    ]
    said = layer.snapshot()
    assert said.max_error == pytest.approx(max(float(e.max()) for e in errors), abs=1e-5)
    assert said.mean_error == pytest.approx(float(torch.stack(errors).mean()), abs=1e-5)
    scales = [part.scale.amax() for part in layer.coded]
    assert said.max_error <= float(max(scales)) / 2 + 1e-5


def test_an_update_across_a_group_is_an_error_that_says_how_many_it_takes() -> None:
    config = tiny_config()
    cache = make_cache(Quantized(group=8, residual=12), config)
    with pytest.raises(ValueError, match=r"20 tokens.*at most 19"):
        cache[0].update(*torch.zeros(2, 1, 2, 20, 12), torch.arange(20))


def test_crop_is_exact_or_refused_and_a_session_then_begins_anew() -> None:
    spec, config = Quantized(bits=4, group=8, residual=12), tiny_config()
    engine, ids = tiny_engine(), random_ids(config, 40)
    cache = make_cache(spec, config)
    feed(engine.model, cache, ids)  # 24 tokens are codes
    with pytest.raises(ValueError, match=r"crop\(34\).*24 oldest"):
        cache.crop(34)
    cache.crop(35)
    again = feed(engine.model, cache, ids[35:])
    fresh = feed(engine.model, make_cache(spec, config), ids)
    np.testing.assert_allclose(again, fresh[35:], atol=ATOL, rtol=0)

    session = engine.session(cache=spec)
    session.update(ids)
    changed = [*ids[:10], *random_ids(config, 30, seed=1)]
    step = session.update(changed)
    fresh = engine.session(cache=spec).update(changed)
    np.testing.assert_allclose(step.logits, fresh.logits, atol=ATOL, rtol=0)


def test_generation_with_codes_is_recorded_whole_and_close_to_the_exact_run() -> None:
    engine = tiny_engine()
    ids = random_ids(engine.model.config, 50)
    sampling = SamplingParams(max_new_tokens=3)
    run = RunConfig(cache=Quantized(bits=8, group=8, residual=12), sampling=sampling)
    trace = engine.generate(ids, run)
    exact = engine.generate(ids, RunConfig(sampling=sampling))
    assert look(trace.steps[0], layer=0).scores.shape == (4, 50, 50)
    np.testing.assert_allclose(
        look(trace.steps[0], layer=0).k, look(exact.steps[0], layer=0).k, atol=TOLERANCE, rtol=0
    )
    assert np.abs(trace.steps[0].logits - exact.steps[0].logits).max() < 1


@pytest.mark.parametrize(
    "wrong", [{"bits": 3}, {"group": 0}, {"residual": 0}, {"keys": "layer"}], ids=str
)
def test_a_scheme_that_cannot_be_is_refused(wrong) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        Quantized(**wrong)
