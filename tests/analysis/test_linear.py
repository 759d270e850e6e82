"""Loops as python-control objects."""

from __future__ import annotations

import control as ct
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz

import gainsched as gs

R = toeplitz(0.7 ** np.arange(4))


def same(L, num, den):
    w = np.linspace(0.1, 3, 20)
    return np.allclose(L(np.exp(1j * w)), np.polyval(num, np.exp(1j * w)) / np.polyval(den, np.exp(1j * w)))


def test_transfer_of_each_filter():
    assert same(gs.Loop(gs.LMS(4), gain=0.1).transfer(2.0), [0.2], [1, -1])
    assert same(gs.Loop(gs.NLMS(4), gain=0.5).transfer(0.9), [0.45], [1, -1])
    assert same(gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1).transfer(2.0), [0.2], [1, -1, 0, 0, 0])
    assert same(gs.Loop(gs.RLS(4), forgetting=0.98).transfer(1.0), [0.02], [1, -1])
    L = gs.Loop(gs.LMS(4), gain=0.1).transfer(2.0)
    assert isinstance(L, ct.TransferFunction) and L.dt is True


def test_transfer_of_the_mit_rule():
    plant, reference = ([0.1], [1, -0.9]), ([0.2], [1, -0.9])
    loop = gs.Loop(gs.MITRule(1, plant=plant, reference=reference), gain=0.3)
    assert same(loop.transfer(4.0), 0.3 * 2 * 4 * np.array([0.1]), np.polymul([1, -0.9], [1, -1]))
    loop = gs.Loop(gs.MITRule(1, plant=plant, reference=reference, normalized=True, alpha=1.0), gain=0.3)
    assert same(loop.transfer(4.0), 0.3 * 2 * 4 / (1 + 16) * np.array([0.1]), np.polymul([1, -0.9], [1, -1]))


def test_the_gain_of_the_present_sample_is_used(rng):
    loop = gs.Loop(gs.LMS(1), gain=gs.Step(0.4, 0.5, every=10))
    assert same(loop.transfer(1.0), [0.4], [1, -1])
    loop.run(rng.standard_normal(10), np.zeros(10))
    assert same(loop.transfer(1.0), [0.2], [1, -1])
    law = gs.Loop(gs.LMS(1), gain=gs.KwongJohnston(start=0.03))
    assert same(law.transfer(1.0), [0.03], [1, -1])


def test_no_theory_is_said():
    with pytest.raises(gs.NoTheory, match="SignErrorLMS"):
        gs.Loop(gs.SignErrorLMS(4), gain=0.1).transfer(1.0)
    with pytest.raises(gs.NoTheory, match="per weight"):
        gs.Loop(gs.LMS(2), gain=np.full((2, 1), 0.1)).transfer(1.0)
    with pytest.raises(ValueError, match="eigenvalue >= 0"):
        gs.Loop(gs.LMS(2), gain=0.1).transfer(-1.0)
    with pytest.raises(gs.NoTheory, match="APA"):
        gs.Loop(gs.APA(2)).linear(gs.Excitation(1.0))
    with pytest.raises(gs.NoTheory, match="complex"):
        gs.Loop(gs.LMS(2), gain=0.1).linear(gs.Excitation(np.eye(2) + 0j))


def test_linear_lms():
    sys = gs.Loop(gs.LMS(4), gain=0.2).linear(gs.Excitation(R))
    assert sys.dt is True
    assert sys.state_labels == ["w[0]", "w[1]", "w[2]", "w[3]"]
    assert_allclose(sys.A, np.eye(4) - 0.2 * R, atol=1e-12)
    assert_allclose(np.sort(sys.poles().real), np.sort(1 - 0.2 * np.linalg.eigvalsh(R)))


def test_linear_delayed_has_the_loop_poles():
    exc = gs.Excitation(R)
    loop = gs.Loop(gs.DelayedLMS(4, delay=3), gain=0.1)
    expected = np.concatenate([np.roots([1, -1, 0, 0, 0.1 * lam]) for lam in exc.modes])
    assert_allclose(np.sort(abs(loop.linear(exc).poles())), np.sort(abs(expected)), rtol=1e-8)
    assert loop.linear(exc).state_labels[4] == "w[0](k-1)"


def test_linear_of_the_others():
    exc = gs.Excitation(R)
    nlms = gs.Loop(gs.NLMS(4), gain=0.5).linear(exc)
    assert_allclose(np.trace(np.eye(4) - nlms.A), 0.5, rtol=1e-6)                 # E[u'u/(eps + u'u)] = 1
    assert_allclose(gs.Loop(gs.RLS(4), forgetting=0.9).linear(exc).A, 0.9 * np.eye(4))
    two = gs.Loop(gs.LMS(gs.FIR(2, channels=2)), gain=0.1).linear(gs.Excitation(1.0))
    assert two.state_labels == ["w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]"]


def test_linear_mit_rule_closes_the_transfer():
    loop = gs.Loop(gs.MITRule(1, plant=([0.1], [1, -0.9]), reference=([0.2], [1, -0.9])), gain=0.05)
    sys = loop.linear(gs.Excitation(4.0))
    assert sys.state_labels == ["w[0]", "plant[0]"]
    assert_allclose(np.sort_complex(sys.poles()), np.sort_complex(ct.feedback(loop.transfer(4.0), 1).poles()))


def test_the_mean_follows_the_linear_system(rng):
    exc, gain = gs.Excitation(np.diag([0.5, 1.5])), 0.2
    sys = gs.Loop(gs.LMS(gs.FIR(1, channels=2)), gain=gain).linear(exc)
    error, mean = np.tile([1.0, -2.0], (20_000, 1)), np.array([1.0, -2.0])
    for _ in range(10):
        u = np.sqrt([0.5, 1.5]) * rng.standard_normal(error.shape)
        error = error - gain * u * np.sum(u * error, axis=1)[:, None]
        mean = sys.A @ mean
    assert_allclose(error.mean(axis=0), mean, atol=0.02)


def test_linear_names_what_it_needs():
    with pytest.raises(TypeError, match=r"linear: exc must be an Excitation, got 1\. "):
        gs.Loop(gs.LMS(4), gain=0.1).linear(1.0)


# -- leak, relays, the fourth power -------------------------------------------------------------------------------

@pytest.mark.parametrize("compensator", [None, gs.HeavyBall(0.6), gs.Nesterov(0.6), gs.GradientEMA(0.6)], ids=repr)
def test_a_leak_closes_a_loop_of_its_own(compensator):
    loop, exc = gs.Loop(gs.LeakyLMS(4, leak=0.3), gain=0.1, compensator=compensator), gs.Excitation(R)
    if compensator is None:
        assert same(loop.transfer(2.0), [0.2], [1, -0.97])
    closed = np.concatenate([ct.feedback(loop.transfer(mode), 1).poles() for mode in exc.modes])
    poles = loop.linear(exc).poles()
    assert_allclose(np.sort_complex(np.append(closed, np.ones(4))), np.sort_complex(poles), atol=1e-7)
    biased = ct.dcgain(ct.feedback(loop.transfer(2.0), 1))
    assert biased == pytest.approx(2.0 / 2.3)                                  # lam/(lam + leak) of the goal is reached


@pytest.mark.parametrize("compensator", [None, gs.HeavyBall(0.6)], ids=repr)
def test_the_mean_under_a_leak_follows_the_linear_system(compensator, rng):
    """The package's own loop, from zero weights: error w_opt at first, R/(R + leak) of it in the end."""
    w_opt, n, trials = np.array([1.0, -2.0]), 40, 3000
    loop = gs.Loop(gs.LeakyLMS(gs.FIR(1, channels=2), leak=0.3), gain=0.05, compensator=compensator)
    sys = loop.linear(gs.Excitation(np.diag([0.5, 1.5])))
    x = np.sqrt([0.5, 1.5]) * rng.standard_normal((trials, n, 2))
    found = np.mean([np.ravel(run.w) for run in loop.run_many(x, x @ w_opt, workers=1)], axis=0)
    state = np.concatenate([w_opt, w_opt, np.zeros(sys.nstates - 4)])
    expected = w_opt - (sys.C @ np.linalg.matrix_power(sys.A, n) @ state)
    assert_allclose(found, expected, atol=0.03)
    step = ct.forced_response(sys, np.arange(400), np.eye(2)[:, :1] @ np.eye(1, 400)).outputs
    assert step[0, -1] == pytest.approx(0.3 / 0.8, rel=1e-3)                   # what the leak holds back of a step


@pytest.mark.parametrize(("filter", "gain"), [(gs.SignDataLMS, 0.01), (gs.SignErrorLMS, 0.01), (gs.LMF, 0.02)])
def test_the_mean_follows_the_slope_of_the_correction(filter, gain, rng):
    """Small errors of many trials, from the steady state on for the relay: 10 % of the noise's amplitude."""
    start, n, trials, noise = np.array([0.1, -0.05]), 60, 6000, 1.0
    model = gs.FIR(1, channels=2)
    exc = gs.Excitation(np.array([[1.0, 0.5], [0.5, 1.0]]), noise=noise)
    loop = gs.Loop(filter(model), gain=gain, w0=start.reshape(1, 2))
    x = rng.standard_normal((trials, n, 2)) @ np.linalg.cholesky(exc.R).T
    runs = loop.run_many(x, np.sqrt(noise) * rng.standard_normal((trials, n)), workers=1)
    w = np.array([np.ravel(run.w) for run in runs])
    expected = np.linalg.matrix_power(loop.linear(exc).A, n) @ start
    assert np.abs(expected - start).max() > 0.02
    assert np.all(np.abs(w.mean(axis=0) - expected) < 4 * w.std(axis=0) / np.sqrt(trials) + 2e-3)


def test_slopes_that_are_not_known():
    for loop, exc in ((gs.Loop(gs.SignErrorLMS(2), gain=gs.Cosine(0.1, 0.01, 50)), gs.Excitation(1.0, noise=0.1)),
                      (gs.Loop(gs.SignErrorLMS(2), gain=10.0), gs.Excitation(1.0, noise=1e-4)),
                      (gs.Loop(gs.SignDataLMS(2), gain=0.1), gs.Excitation(np.diag([1.0, 2.0]))),
                      (gs.Loop(gs.SignDataLMS(2), gain=0.1), gs.Excitation(1.0, kurtosis=3.0)),
                      (gs.Loop(gs.SignSignLMS(2), gain=0.1), gs.Excitation(1.0, noise=0.1))):
        with pytest.raises(gs.NoTheory, match=type(loop.filter).__name__):
            loop.linear(exc)
    for filter in (gs.SignDataLMS(2), gs.LMF(2), gs.APA(2)):
        with pytest.raises(gs.NoTheory, match=rf"{type(filter).__name__}.*loop\.linear"):
            gs.Loop(filter, gain=0.1).transfer(1.0)
