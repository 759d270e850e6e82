"""What averages of the weights leave, against closed forms and Monte Carlo; the mean gain of schedules and laws."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import gainsched as gs
from gainsched.analysis.averaging import averaged_powers

EXC = gs.Excitation(np.diag([1.0, 0.2]), noise=0.01)


def report(gain, compensator, exc=EXC, filter=None):
    return gs.analyze(gs.Loop(gs.LMS(2) if filter is None else filter, gain=gain, compensator=compensator), exc)


@pytest.mark.parametrize("memory", [math.inf, 7.0, 30.5])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 100])
def test_powers_are_those_of_the_weights_that_the_average_gives(n, memory):
    """The average as a weighted sum of n iterates with covariance c r^|i - j|."""
    r, weights = 0.8, np.zeros(0)
    for m in range(1, n + 1):
        share = 1.0 / min(m, memory)
        weights = np.append((1.0 - share) * weights, share)
    expected = weights @ (3.0 * r ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))) @ weights
    if n <= memory or memory % 1 == 0:
        assert_allclose(averaged_powers(np.array([3.0]), np.array([1.0 - r]), n, memory), [expected], rtol=1e-9)
    else:                                                          # its first share may be of a whole memory or not
        assert_allclose(averaged_powers(np.array([3.0]), np.array([1.0 - r]), n, memory), [expected], rtol=1e-2)


@pytest.mark.parametrize(("gain", "compensator", "n"), [(0.1, gs.PolyakRuppert(start=300), 400),
                                                        (0.1, gs.PolyakRuppert(start=300, memory=20), 400)], ids=repr)
def test_the_average_of_a_settled_loop_is_measured(gain, compensator, n, rng):
    trials = 1500
    x = rng.standard_normal((trials, 300 + n, 2)) * np.sqrt(EXC.R.diagonal())
    noise = 0.1 * rng.standard_normal((trials, 300 + n))
    loop = gs.Loop(gs.LMS(gs.FIR(1, channels=2)), gain=gain, compensator=compensator)
    powers = np.array([np.ravel(run.average) ** 2 for run in loop.run_many(x, noise, workers=1)])
    emse, msd = report(gain, compensator).averaged(n)
    for ours, found in ((msd, powers.sum(axis=1)), (emse, powers @ EXC.R.diagonal())):
        assert abs(found.mean() - ours) < 4 * found.std() / math.sqrt(trials)
    assert msd < 0.8 * report(gain, compensator).msd


def test_small_and_falling_gains_leave_the_covariance_that_no_gain_beats():
    limit = gs.averaged_covariance(EXC, n=10**6)
    expected = (np.trace(EXC.R @ limit), np.trace(limit))
    assert_allclose(report(1e-3, gs.PolyakRuppert()).averaged(10**6), expected, rtol=0.01)
    assert_allclose(report(gs.InversePower(0.1, power=0.7), gs.PolyakRuppert()).averaged(10**6), expected, rtol=1e-12)


def test_where_averages_have_no_theory():
    drifting = gs.Excitation(np.diag([1.0, 0.2]), noise=0.01, drift=1e-6 * np.eye(2))
    polyak = gs.PolyakRuppert()
    for rep, why in ((report(0.1, None), "no average"), (report(0.1, gs.ScheduleFree()), "ScheduleFree"),
                     (report(0.1, gs.HeavyBall(0.5)), "no average"), (report(0.1, polyak, drifting), "drift"),
                     (report(0.1, polyak, filter=gs.DelayedLMS(2, delay=1)), "delay"), (report(0.9, polyak), "theory"),
                     (report(0.1, polyak, filter=gs.LeakyLMS(2, leak=0.1)), "leak"),
                     (report(gs.InverseTime(0.1, 0.01), polyak), "theory"), (report(gs.KwongJohnston(), polyak), "theory"),
                     (report(gs.InverseTime(0.1, 0.01)(np.arange(99)), polyak, filter=gs.RLS(2)), "RLS")):
        with pytest.raises(gs.NoTheory, match=why):
            rep.averaged(100)
        assert "averaged EMSE" not in str(rep)
    with pytest.raises(ValueError, match="averaged: n"):
        report(0.1, polyak).averaged(0)
    assert "w averaged over 1000 updates" in str(report(0.1, polyak))


@pytest.mark.parametrize(("power", "emse"), [(0.6, 0.0), (1.0, 0.0), (1.2, None), (3.0, None)])
def test_only_gains_of_infinite_sum_reach_the_optimum(power, emse):
    """Gains k^-1.2 add up to 5.6 of the first: the start is never forgotten, however long it runs."""
    rep = report(gs.InversePower(0.1, power=power), None)
    assert rep.emse == emse and gs.robbins_monro(gs.InversePower(0.1, power=power)).sum_diverges == (emse == 0)
    if emse is None:
        start, late = rep.learning_curve(20_001, "emse", every=10_000)[[0, 2]]
        assert late > 0.05 * start


@pytest.mark.parametrize(("gain", "expected"), [
    (0.1, 0.1), (gs.Exponential(0.1, 0.5, floor=0.02), 0.02), (gs.InverseTime(0.1, 0.01), 0.0),
    (gs.Cyclic(0.01, 0.03, 10), 0.02), (np.array([0.1, 0.05]), 0.05), (gs.Function(lambda k: 0.1), None),
    (gs.MathewsXie(), None), (np.full((2, 3), 0.1), None)], ids=repr)
def test_mean_gain(gain, expected):
    rep = report(gain, None)
    assert rep.mean_gain == (None if expected is None else pytest.approx(expected))
    assert json.loads(json.dumps(rep.to_dict(), allow_nan=False))["mean_gain"] == rep.mean_gain


def test_mean_gain_of_a_law_is_what_its_steady_state_rests_on(rng):
    law, exc = gs.KwongJohnston(gamma=2e-4, start=0.007, high=0.1), gs.Excitation(1.0)
    rep = gs.analyze(gs.Loop(gs.LMS(8), gain=law), exc)
    x, noise = rng.standard_normal((2, 200_000))
    run = gs.LMS(8).run(x, x + noise, gain=law, record=gs.Record(gain=1))
    assert run.gain[50_000:].mean() == pytest.approx(rep.mean_gain, rel=0.05)
    assert gs.analyze(gs.Loop(gs.RLS(2)), exc).mean_gain is None


def test_a_record_answers_for_itself_in_place_of_the_rule_of_thumb(rng):
    from scipy.signal import lfilter

    x = lfilter([1.0], [1.0, -0.9], rng.standard_normal(20_000))
    exc = gs.Excitation.from_data(x, x + rng.standard_normal(20_000), model=gs.FIR(8))
    loop = gs.Loop(gs.LMS(8), gain=0.3 * gs.analyze(gs.Loop(gs.LMS(8), gain=1e-3), exc).range[1])
    theory, asked = gs.analyze(loop, exc), gs.analyze(loop, x=x, d=x + rng.standard_normal(20_000))
    assert any("on a real delay line" in line for line in theory.warnings) and theory.measured is None
    assert asked.measured is not None and not any("on a real delay line" in line for line in asked.warnings)
