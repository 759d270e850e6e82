"""A delayed loop whose gain moves: every value within the frozen bound, and the loop grows all the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz

import gainsched as gs
from tests.analysis.exact import Exact

BINARY = gs.Excitation(1.0, kurtosis=-2.0)                                     # u = 1 or -1: nothing fluctuates
HIGH = 0.617                                                                   # of .618034, the bound at delay 2


def cycle(high):
    return gs.PiecewiseConstant([9], [high, 0.0]).repeat(11)


def test_a_gain_that_moves_within_the_frozen_bound_grows():
    """The package's own loop is the witness: 1.0166 per sample in power."""
    filter = gs.DelayedLMS(1, delay=2)
    rep = gs.analyze(gs.Loop(filter, gain=cycle(HIGH)), BINARY)
    assert gs.analyze(gs.Loop(filter, gain=HIGH), BINARY).verdict == "stable"
    assert rep.verdict == "unstable" and "resonance" in rep.sentence
    run = gs.Loop(filter, gain=cycle(HIGH), w0=[1.0], limit=1e300).run(np.ones(4400), np.zeros(4400),
                                                                       record=gs.Record(weights=11))
    w = np.abs(run.weights[:, 0])
    assert (w[-1] / w[99]) ** (2 / (11 * (len(w) - 100))) == pytest.approx(rep.growth, rel=1e-4)


def test_what_rests_or_repeats_is_followed():
    filter = gs.DelayedLMS(1, delay=2)

    def verdict(gain):
        return gs.analyze(gs.Loop(filter, gain=gain), BINARY).verdict

    assert verdict(0.5 * cycle(HIGH)) == "stable"
    assert verdict(cycle(HIGH)(np.arange(6600))) == "unstable"                 # the array grows 10^47 times
    assert verdict(gs.Exponential(0.6, 0.5, every=50, floor=0.01)) == "stable"
    assert verdict(gs.InverseTime(0.1, 0.01)) == "stable"
    assert verdict(gs.KwongJohnston(high=0.5)) == "not certified"


def test_growth_over_a_period_is_that_of_the_joint_covariance(rng):
    V = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    R = V @ np.diag([0.3, 1.0]) @ V.T
    R = (R + R.T) / 2
    gain = gs.Cyclic(0.02, 0.25, 3)
    rep = gs.analyze(gs.Loop(gs.DelayedLMS(2, delay=2), gain=gain), gs.Excitation(R))
    period = gain(np.arange(gain.cycle[1]))
    assert_allclose(np.log(rep.growth), Exact(R, delay=2).over(period), rtol=1e-9)


def test_growth_of_huge_gains_is_a_number():
    def growth(gain):
        return gs.analyze(gs.Loop(gs.DelayedLMS(2, delay=3), gain=gain), gs.Excitation(1.0)).growth

    assert growth(1e80) == pytest.approx(growth(1e60) * 1e10, rel=1e-6)        # mu^2 to the power 1/4
    assert 1.0 < growth(2.0) < 10.0


@pytest.mark.slow
def test_many_taps_behind_a_long_delay():
    exc = gs.Excitation(toeplitz(0.9 ** np.arange(512)), noise=0.01)
    for gain in (3e-4, gs.Exponential(1.2e-3, 0.5, every=1000, floor=1e-5), gs.InverseTime(1.3e-3, 1e-3)):
        rep = gs.analyze(gs.Loop(gs.DelayedLMS(512, delay=50), gain=gain), exc)
        assert rep.verdict == "stable"
    assert np.isfinite(rep.learning_curve(20_000, every=100)).all()
