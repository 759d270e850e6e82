"""Laws multiplied by schedules, warmed up, clipped: feedback within a feedforward envelope."""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs
from gainsched.checks.equalities import same
from gainsched.checks.values import round_trips

LAWS = [gs.KwongJohnston(start=0.02, high=0.05), gs.RMSProp(rate=0.01)]


@pytest.fixture(scope="module")
def job():
    rng = np.random.default_rng(4)
    x = rng.standard_normal(6000)
    return x, np.convolve(x, [0.8, -0.4, 0.2, 0.1])[:6000] + 0.01 * rng.standard_normal(6000)


def gains(gain, job, **options):
    return gs.LMS(4).run(*job, gain=gain, record=gs.Record(gain=1), **options)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_factor_one_is_the_law_itself(law, job):
    same(gains(law, job), gains(1.0 * law, job), "1 times a law")


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_chunks_steps_and_files(law, job, tmp_path):
    gain = gs.Cosine(1.0, 0.2, 5000) * law
    whole = gains(gain, job)
    loop = gs.Loop(gs.LMS(4), gain)
    x, d = job
    y = [loop.step(a, b) for a, b in zip(x[:300], d[:300], strict=True)]
    loop.save(tmp_path / "l.npz")
    loop = gs.Loop.load(tmp_path / "l.npz")
    rest = [run.y for run in loop.stream((x[a:b], d[a:b]) for a, b in ((300, 4095), (4095, 4097), (4097, 6000)))]
    assert np.array_equal(np.concatenate([y, *rest]), whole.y)
    assert np.array_equal(loop.w, whole.w)


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize(("filter", "rests"), [(gs.LMS(4), slice(100, 104)), (gs.BlockLMS(4, block=8), slice(99, 103))])
def test_a_sample_without_an_update_records_the_product_too(filter, rests, law, job):
    x, d = job[0][:200], job[1][:200].copy()
    d[100] = np.nan
    gain = gs.Constant(0.5) * law
    run = gs.Loop(filter, gain, nonfinite="skip").run(x, d, record=gs.Record(gain=1))
    loop = gs.Loop(filter, gain, nonfinite="skip")
    loop.run(x[:rests.start], d[:rests.start])
    assert np.array_equal(run.gain[rests][0], 0.5 * np.squeeze(loop.state["gain_now"]))


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_round_trips(law):
    for gain in (gs.Warmup(10) >> law, 0.5 * law, gs.Exponential(1.0, 0.5, 100) * law):
        round_trips(gain)


def test_the_factor_multiplies_a_law_that_does_not_see_it(job):
    x, d = job
    law = gs.KwongJohnston(alpha=1.0, gamma=0.0, start=0.02)               # stays where it starts
    ramp = gs.Warmup(100, start=0.1)
    assert np.allclose(gains(ramp >> law, job).gain, 0.02 * ramp(np.arange(len(x))), rtol=1e-15)


def test_a_warm_up_starts_from_zero_and_leaves_no_trace(job):
    run = gains(gs.Warmup(500) >> gs.RMSProp(rate=0.01), job)
    assert not run.gain[0].any()
    assert (run.gain[500:] > 0).all()


def test_saturation_looks_at_the_product_and_nothing_winds_up(job):
    x, d = job
    run = gains(gs.Constant(1e3) * gs.KwongJohnston(alpha=0.9, gamma=0.0, start=1.0), job)
    power = np.convolve(x * x, np.ones(4))[: len(x)]
    assert (run.gain * power <= 2.0 * (1 + 1e-12)).all()
    assert run.gain[-1] < 2.0                                              # the law's own gain came down with it


@pytest.mark.parametrize("steps", [1060, 1080])
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_swap_behind_a_factor_of_almost_nothing(law, steps, job):
    loop = gs.Loop(gs.LMS(4), gain=0.02)
    loop.run(job[0][:steps], job[1][:steps])
    loop.swap(gain=gs.Exponential(1.0, 0.5, every=1) * law)     # 2^-1060 is denormal, 2^-1080 is 0
    run = loop.run(job[0][steps:], job[1][steps:], record=gs.Record(gain=1))
    assert np.isfinite(run.gain).all() and all(np.isfinite(loop.state[name]).all() for name in loop.state.dtype.names)


def test_warm_up_in_front_of_a_schedule_is_its_warm_up():
    s = gs.Exponential(1.0, 0.5, 100)
    assert gs.Warmup(10) >> s == s.warmup(10)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_swap_takes_the_product_over(law, job):
    loop = gs.Loop(gs.LMS(4), 0.01)
    loop.run(job[0][:1000], job[1][:1000])
    loop.swap(gain=gs.Exponential(1.0, 0.5, 1000) * law)                   # the factor is 1/2 at this sample
    assert loop.state["gain_now"] == pytest.approx(0.02)


def test_clip_of_every_kind():
    assert gs.Clip(0.5, high=0.1) == 0.1
    assert gs.Clip([1.0, 2.0], high=1.5).tolist() == [1.0, 1.5]
    assert gs.Clip(gs.KwongJohnston(low=0.1, high=0.5), low=0.01, high=0.2) == gs.KwongJohnston(low=0.1, high=0.2)
    assert gs.Clip(gs.Constant(0.5), high=0.1)(3) == 0.1


@pytest.mark.parametrize(("gain", "low", "high", "error", "word"), [
    (0.5, 2.0, 1.0, ValueError, "high"), (0.5, -1.0, 1.0, ValueError, "low"), (0.5, float("nan"), 1.0, ValueError, "low"),
    ("x", 0.0, 1.0, TypeError, "gain"), (gs.KwongJohnston(low=0.5), 0.0, 0.1, ValueError, "high"),
    (0.5 * gs.RMSProp(), 0.0, 1.0, TypeError, "gain")])
def test_clip_refuses(gain, low, high, error, word):
    with pytest.raises(error, match=word):
        gs.Clip(gain, low, high)


def test_factors_before_a_scaled_law_multiply(job):
    warm = gs.Warmup(100) >> gs.RMSProp(rate=0.01)
    assert 0.5 * warm == gs.ScheduledLaw(0.5 * gs.Warmup(100), warm.law) == np.float64(0.5) * warm
    same(gains(gs.Step(1.0, 0.5, 900) * warm, job), gains((gs.Step(1.0, 0.5, 900) * gs.Warmup(100)) * warm.law, job),
         "two factors")


def test_only_schedules_and_numbers_multiply_a_law():
    for wrong in ("x", None, gs.RMSProp(), True, np.ones(3)):
        for law in (gs.RMSProp(), gs.Warmup(10) >> gs.RMSProp()):
            with pytest.raises(TypeError):
                wrong * law


def test_warm_up_takes_a_number_and_refuses_an_array():
    assert gs.Warmup(10, start=0.5) >> 0.2 == gs.Constant(0.2).warmup(10, start=0.1)
    for wrong in (np.ones(5), "x", None, True):
        with pytest.raises(TypeError, match="must be a number, a Schedule or a Law"):
            gs.Warmup(10) >> wrong
