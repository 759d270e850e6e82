"""The record's own update matrices: exact products, theory where it holds, the delay line where it does not."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import lfilter

import gainsched as gs
from gainsched.analysis.empirical import measure

TAPS, T = 8, 20_000


def autoregressive(a, seed, length=T):
    rng = np.random.default_rng(seed)
    return lfilter([math.sqrt(1 - a * a)], [1, -a], rng.standard_normal(length + 1000))[1000:]


def bound(a):
    return gs.analyze(gs.Loop(gs.LMS(TAPS), gain=1e-3), gs.Excitation(toeplitz(a ** np.arange(TAPS)))).range[1]


def verdict(a, part, seed):
    x = autoregressive(a, seed)
    d = np.convolve(x, [1.0, 0.5])[:T] + 0.1 * np.random.default_rng(seed + 100).standard_normal(T)
    return gs.analyze(gs.Loop(gs.LMS(TAPS), gain=part * bound(a)), x=x, d=d)


@pytest.mark.parametrize("part", [0.1, 0.2, 0.35, 0.5])
def test_white_delay_line_keeps_the_bound(part):
    assert [verdict(0.0, part, seed).verdict for seed in range(4)] == ["stable"] * 4


@pytest.mark.parametrize("a", [0.7, 0.9])
def test_colored_delay_line_breaks_the_bound(a):
    """The table of the independence bound's failure: fine at .1 and .2, bursts at .35, hopeless at .5."""
    counts = {part: sum(verdict(a, part, seed).verdict == "not certified" for seed in range(4))
              for part in (0.1, 0.2, 0.35, 0.5)}
    assert (counts[0.1], counts[0.2], counts[0.5]) == (0, 0, 4)
    assert counts[0.35] >= 2                                   # the typical record, not every one


def test_figures_stand_in_the_sentence_and_in_the_table():
    rep = verdict(0.9, 0.5, 1)
    assert rep.measured.burst > 10
    assert f"grows up to {rep.measured.burst:.3g} times" in rep.sentence
    assert "measured" in dict(rep.rows())
    assert json.loads(json.dumps(rep.to_dict(), allow_nan=False))["measured"]["burst"] == rep.measured.burst
    assert math.isfinite(rep.emse)                             # theory's numbers stay what they are


def products(x, gain, weigh):
    """Plain products of the update matrices of a delay line."""
    u, phi = np.zeros(TAPS), np.eye(TAPS)
    for value in x:
        u = np.concatenate([[value], u[:-1]])
        phi = phi - gain * weigh(u) * np.outer(u, u) @ phi
        yield phi


@pytest.mark.parametrize(("filter", "gain", "weigh"), [(gs.LMS(TAPS), 0.11, lambda u: 1.0),
                                                       (gs.NLMS(TAPS), 0.5, lambda u: 1 / (1e-6 + u @ u))])
def test_against_plain_products(filter, gain, weigh):
    x = autoregressive(0.9, 3, 128)                            # one window
    found = measure(gs.Loop(filter, gain=gain), x)
    kept = list(products(x, gain, weigh))[3::4]                # the weights kept: every 4th of 128
    assert found.burst == pytest.approx(max(1.0, *(np.linalg.norm(phi, 2) for phi in kept)), rel=1e-9)
    values = np.linalg.svd(kept[-1], compute_uv=False)         # the exponent is that of a random direction
    assert values[-1] < math.exp(128 * found.exponent) <= values[0]
    assert (found.window, found.windows, found.samples, found.length) == (128, 1, 128, 128)


@pytest.mark.parametrize(("filter", "gain", "compensator"), [
    (gs.LMS(TAPS), 0.02, None), (gs.NLMS(TAPS), 0.5, None), (gs.BlockLMS(TAPS, block=4), 0.05, None),
    (gs.DelayedLMS(TAPS, delay=3), 0.01, None), (gs.LMS(TAPS), 0.005, gs.HeavyBall(0.8)),
    (gs.LMS(TAPS), 0.005, gs.Nesterov(0.8)), (gs.LMS(TAPS), 0.02, gs.GradientEMA(0.5))])
def test_noise_gain_meets_theory_on_white_input(filter, gain, compensator):
    """8 noises over 20000 samples: the standard error is near 2 %; the delay line itself adds up to 3 % at these gains."""
    x = autoregressive(0.0, 4)
    rep = gs.analyze(gs.Loop(filter, gain=gain, compensator=compensator), x=x, d=x)
    assert rep.measured.noise_gain == pytest.approx(rep.measured.predicted, rel=0.08)
    assert rep.verdict == "stable"
    assert rep.measured.exponent < 0


def test_exponent_of_one_weight_is_the_mean_logarithm():
    x = autoregressive(0.0, 5, 3000)
    found = measure(gs.Loop(gs.LMS(1), gain=0.3), x)
    assert found.exponent == pytest.approx(np.mean(np.log(np.abs(1 - 0.3 * x**2))), rel=1e-9)


def test_schedules_gaps_channels_and_complex_records():
    x = autoregressive(0.0, 6, 4000)
    fading = measure(gs.Loop(gs.LMS(1), gain=gs.Exponential(0.3, rate=0.5, every=500)), x)
    gains = 0.3 * 0.5 ** (np.arange(4000) / 500)
    assert fading.exponent == pytest.approx(np.mean(np.log(np.abs(1 - gains * x**2))), rel=1e-9)
    ends = measure(gs.Loop(gs.LMS(1), gain=gains[:1000]), x)
    assert (ends.samples, ends.length) == (1000, 1000)         # the gain says nothing of the rest
    late = gs.Loop(gs.LMS(1), gain=gains)
    late.run(x[:3000], x[:3000])
    assert measure(late, x[3000:]).exponent == pytest.approx(np.mean(np.log(np.abs(1 - gains[3000:] * x[3000:] ** 2))),
                                                             rel=1e-9)   # the gains from where the loop stands
    holes = x.copy()
    holes[::7] = np.nan
    gaps = measure(gs.Loop(gs.LMS(1), gain=0.3), holes)
    kept = np.where(np.isfinite(holes), np.log(np.abs(1 - 0.3 * holes**2)), 0.0)
    assert gaps.exponent == pytest.approx(kept.sum() / 4000, rel=1e-9)
    two = measure(gs.Loop(gs.LMS(gs.FIR(taps=3, channels=2)), gain=0.01), np.stack([x, x[::-1]], axis=1))
    assert two.exponent < 0 and two.burst == 1.0
    turning = measure(gs.Loop(gs.LMS(1), gain=0.3), x * np.exp(1j * np.arange(4000)))
    assert turning.exponent == pytest.approx(measure(gs.Loop(gs.LMS(1), gain=0.3), x).exponent, rel=1e-9)


def test_only_what_is_linear_in_the_error():
    x = autoregressive(0.0, 7, 500)
    assert gs.analyze(gs.Loop(gs.SignErrorLMS(4), gain=0.01), x=x, d=x).measured is None
    assert gs.analyze(gs.Loop(gs.RLS(4)), x=x, d=x).measured is None
    assert gs.analyze(gs.Loop(gs.LMS(4), gain=gs.KwongJohnston()), x=x, d=x).measured is None
    assert gs.analyze(gs.Loop(gs.LMS(4), gain=0.01), gs.Excitation(1.0)).measured is None
    assert gs.analyze(gs.Loop(gs.LeakyLMS(4), gain=0.01), x=x, d=x).measured.predicted is None


def test_long_records_are_sampled_and_say_so():
    x = autoregressive(0.9, 8, 100_000)
    found = measure(gs.Loop(gs.LMS(32), gain=0.0005), x)
    assert found.windows < -(-found.length // found.window)
    assert f"{found.windows} of 196 windows" in str(found)


def test_the_loop_stays_where_it_is():
    x = autoregressive(0.0, 9, 500)
    loop = gs.Loop(gs.LMS(4), gain=0.01)
    loop.run(x, x)
    before = loop.state
    gs.analyze(loop, x=x, d=x)
    assert loop.state.tobytes() == before.tobytes()


def test_a_product_that_grows_objects():
    x = autoregressive(0.9, 10)
    found = measure(gs.Loop(gs.LMS(TAPS), gain=0.7 * bound(0.9)), x)
    assert found.exponent > 0
    assert "the product of its update matrices grows by" in found.objection
