"""LeakyLMS: exact recursion with its bias, against the full moment recursion, Monte Carlo and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import gainsched as gs
from gainsched.analysis import meansquare
from gainsched.analysis.leaky import Leaky

LAM, W = np.array([0.3, 0.9, 2.0]), np.array([1.0, -0.5, 0.8])
NOISE, LEAK = 0.1, 0.2


def excitation(**options):
    return gs.Excitation(np.diag(LAM), noise=NOISE, w_opt=W, **options)


def report(gain, leak=LEAK, exc=None):
    return gs.analyze(gs.Loop(gs.LeakyLMS(3, leak=leak), gain=gain), exc or excitation())


def published(gains, leak=LEAK, drift=0.0):
    """Mayyas and Aboulnasr's matrix recursion with the mean coupled in: E w~'R w~ and E w~'w~ before each sample."""
    L, u, s2 = np.diag(LAM), W, NOISE
    C, m, out = np.outer(u, u), u.copy(), []
    for mu in gains:
        out.append((np.trace(L @ C), np.trace(C)))
        b = 1 - mu * leak
        dm = b * m - mu * L @ m
        C = (b**2 * C - b * mu * (L @ C + C @ L) + mu**2 * (2 * L @ C @ L + np.trace(L @ C) * L) + mu**2 * s2 * L
             + mu * leak * (np.outer(dm, u) + np.outer(u, dm)) + (mu * leak) ** 2 * np.outer(u, u))
        m = dm + mu * leak * u
    return np.array(out)


@pytest.mark.parametrize("gain", [0.05, gs.Exponential(0.3, rate=0.5, every=20, floor=0.01), gs.Cyclic(0.02, 0.2, 15)])
def test_curve_is_the_published_recursion(gain):
    rep = report(gain)
    gains = np.full(300, gain) if isinstance(gain, float) else gain(np.arange(300))
    emse, msd = published(gains).T
    assert_allclose(rep.learning_curve(300, "emse"), emse, rtol=1e-12)
    assert_allclose(rep.learning_curve(300, "msd", every=7), msd[::7], rtol=1e-12)


@pytest.mark.parametrize("gain", [0.02, 0.1, 0.3])
def test_steady_state_is_where_the_recursion_settles(gain):
    rep = report(gain)
    assert_allclose((rep.emse, rep.msd), published(np.full(6000, gain))[-1], rtol=1e-10)
    tail = report(gs.Step(0.2, 0.5, 100).clip(gain, 0.4))
    assert tail.emse == pytest.approx(rep.emse)


def test_period_and_vanishing_gain():
    cyclic = gs.Cyclic(0.02, 0.2, 15)
    emse, msd = published(cyclic(np.arange(9000)))[-30:].mean(axis=0)
    assert_allclose((report(cyclic).emse, report(cyclic).msd), (emse, msd), rtol=1e-9)
    bias = LEAK / (LAM + LEAK) * W                                                 # w_opt - (R + leak I)^-1 R w_opt
    rep = report(gs.InverseTime(0.1, 0.01))
    assert_allclose((rep.emse, rep.msd), (LAM @ bias**2, bias @ bias))


def test_mean_bound_and_mean_square_bound():
    rep = report(0.01)
    assert rep.bounds["mean"].value == pytest.approx(2 / (LAM.max() + LEAK))
    moments = Leaky(gs.Loop(gs.LeakyLMS(3, leak=LEAK), gain=0.1), excitation().sized(3)).moments
    for share, stable in ((0.95, True), (1.05, False)):
        assert (meansquare.growth(moments, share * rep.range[1]) < 1) == stable
        assert (published(np.full(4000, share * rep.range[1]))[-1, 0] < 1e3) == stable
        assert report(share * rep.range[1]).verdict == ("stable" if stable else "unstable")


def test_without_a_leak_it_is_lms():
    leaky, plain = report(0.1, leak=0.0), gs.analyze(gs.Loop(gs.LMS(3), gain=0.1), excitation())
    assert (leaky.range, leaky.emse, leaky.msd, leaky.verdict) == (plain.range, plain.emse, plain.msd, plain.verdict)
    assert_allclose(leaky.learning_curve(50), plain.learning_curve(50), rtol=1e-14)


def test_drift_follows_the_walk_and_has_no_steady_state():
    exc = excitation(drift=1e-4)
    assert report(0.05, exc=exc).emse == np.inf
    curve = report(0.05, exc=exc).learning_curve(4000, "msd")
    assert curve[-1] > curve[2000] > report(0.05).learning_curve(2001, "msd")[-1]


def test_unknown_optimum_means_unknown_steady_state():
    rep = report(0.1, exc=gs.Excitation(np.diag(LAM), noise=NOISE))
    assert (rep.emse, rep.msd, rep.verdict) == (None, None, "stable")
    assert any("w_opt" in line for line in rep.warnings)
    assert rep.learning_curve(500, w_opt=W)[-1] > NOISE


def test_against_the_compiled_loop(rng):
    """Independent regressors by fresh channels at every sample; 400 trials leave 1 % on the mean of a long stretch."""
    model, T = gs.FIR(1, channels=3), 1500
    loop = gs.Loop(gs.LeakyLMS(model, leak=LEAK), gain=gs.Exponential(0.25, rate=0.5, every=200, floor=0.03))
    X = np.sqrt(LAM) * rng.standard_normal((400, T, 3))
    V = np.sqrt(NOISE) * rng.standard_normal((400, T))
    runs = loop.run_many(X, X @ W + V, workers=1)
    excess = np.mean([(run.e - v) ** 2 for run, v in zip(runs, V, strict=True)], axis=0)
    predicted = gs.analyze(loop, excitation()).learning_curve(T, "emse")
    blocks = excess.reshape(-1, 50).mean(axis=1) / predicted.reshape(-1, 50).mean(axis=1)
    assert np.abs(10 * np.log10(blocks)).max() < 0.3                               # the accuracy asked of every curve
    assert excess[1000:].mean() == pytest.approx(gs.analyze(loop, excitation()).emse, rel=0.03)
