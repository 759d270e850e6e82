"""Tracking optimum of LMS and RLS, the Kalman gain behind it."""

from __future__ import annotations

import control
import numpy as np
import pytest

import gainsched as gs

NOISE = 0.01


def test_small_walks_meet_the_formulas():
    """White input: mu_opt = sqrt(trQ/(s2 trR)), EMSE = sqrt(s2 trR trQ), forgetting_opt = 1 - sqrt(tr(QR)/(s2 N))."""
    exc = gs.Excitation(2.0, noise=NOISE, drift=1e-12)
    t = gs.tracking(gs.LMS(8), exc)
    total, power = 8e-12, 16.0
    assert t.mu_opt == pytest.approx(np.sqrt(total / (NOISE * power)), rel=1e-3)
    assert t.mu_small == pytest.approx(t.mu_opt, rel=1e-3)
    assert t.emse == pytest.approx(np.sqrt(NOISE * power * total), rel=1e-3)
    assert t.forgetting_opt == pytest.approx(1 - np.sqrt(2 * 8e-12 / (NOISE * 8)))
    assert t.emse_rls == pytest.approx(np.sqrt(NOISE * 8 * 2 * 8e-12))
    assert t.better == "either"


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.NLMS(4), gs.DelayedLMS(4, delay=3)])
def test_the_optimum_is_one(filter):
    R = np.diag([2.0, 1.0, 0.5, 0.2])
    exc = gs.Excitation(R, noise=NOISE, drift=1e-5)
    t = gs.tracking(filter, exc)
    around = [gs.analyze(gs.Loop(filter, gain=share * t.mu_opt), exc).emse for share in (0.9, 1.0, 1.1)]
    assert around[1] == pytest.approx(t.emse, rel=1e-9)
    assert around[1] < min(around[0], around[2])


def test_lms_or_rls():
    """Eweda: the walk along R favors LMS, along its inverse RLS; the exact steady states agree with the verdict."""
    R = np.diag([1.9, 0.1])
    for Q, better in ((1e-6 * R, "LMS"), (1e-6 * np.linalg.inv(R), "RLS")):
        exc = gs.Excitation(R, noise=NOISE, drift=Q)
        t = gs.tracking(gs.LMS(2), exc)
        rls = gs.analyze(gs.Loop(gs.RLS(2), forgetting=t.forgetting_opt), exc).emse
        assert rls == pytest.approx(t.emse_rls, rel=0.05)
        assert (t.better, t.emse < rls) == (better, better == "LMS")


def test_kalman_gain_is_the_best_gain_of_a_scalar_walk():
    assert round(gs.kalman_gain(0.01, 1.0), 7) == 0.0951249
    assert gs.kalman_gain(0.01, 1.0) == pytest.approx(control.dlqe([[1.0]], [[1.0]], [[1.0]], [[0.01]], [[1.0]])[0][0, 0])
    q, r = gs.kalman_equivalent(gs.kalman_gain(0.01, 1.0))
    assert (q, r) == (pytest.approx(0.01), 1.0)
    gains = np.linspace(0.05, 0.15, 100_001)                        # constant-gain error power of w+ = w + K(d - w), after q
    powers = (gains**2 + 0.01 * (1 - gains) ** 2) / (gains * (2 - gains)) + 0.01
    assert gains[powers.argmin()] == pytest.approx(0.0951249, abs=1e-5)
    assert round(powers.min(), 7) == 0.1051249


def test_binary_regressor_tracks_as_the_kalman_filter_does():
    """u = +-1: mu|u|^2 is the share K; exact for excess kurtosis -2."""
    t = gs.tracking(gs.LMS(1), gs.Excitation(1.0, noise=1.0, drift=0.01, kurtosis=-2.0))
    assert t.mu_opt == pytest.approx(0.0951249, abs=1e-7)
    assert t.emse == pytest.approx(0.1051249, abs=1e-7)


def test_refusals():
    for exc in (gs.Excitation(1.0), gs.Excitation(1.0, noise=0.0, drift=1e-3)):
        with pytest.raises(ValueError, match="tracking: exc"):
            gs.tracking(gs.LMS(2), exc)
    with pytest.raises(gs.NoTheory):
        gs.tracking(gs.LMS(2), gs.Excitation([[1.0, 1.0], [1.0, 1.0]], drift=1e-3))
    with pytest.raises(TypeError):
        gs.tracking(3, gs.Excitation(1.0))
    with pytest.raises(TypeError):
        gs.tracking(gs.LMS(2), 1.0)
    for bad in (0.0, -1.0, np.nan, np.inf, True, "1"):
        with pytest.raises(ValueError):
            gs.kalman_gain(bad, 1.0)
    with pytest.raises(ValueError, match="below 1"):
        gs.kalman_equivalent(1.0)


@pytest.mark.parametrize(("filter", "gain", "options"), [(gs.LMS, 0.05, {}), (gs.NLMS, 0.3, {}), (gs.DelayedLMS, 0.03, {"delay": 3})], ids=repr)
def test_what_is_left_behind_a_walk(filter, gain, options, rng):
    """Exact theory within 3 % of long runs: 200 records, channels that are independent in fact, weights that walk."""
    lam, n, T, walk = np.array([0.3, 0.8, 1.0, 1.9]), 4, 5000, 1e-4
    made = filter(gs.FIR(1, channels=n), **options)
    X = np.sqrt(lam) * rng.standard_normal((200, T, n))
    W = np.cumsum(np.sqrt(walk) * rng.standard_normal(X.shape), axis=1)
    V = np.sqrt(NOISE) * rng.standard_normal((200, T))
    loop = gs.Loop(made, gain=gain)
    excess = [np.mean((run.e - v)[1500:] ** 2) for run, v in zip(loop.run_many(X, np.sum(X * W, axis=2) + V), V, strict=True)]
    assert np.mean(excess) == pytest.approx(gs.analyze(loop, gs.Excitation(np.diag(lam), noise=NOISE, drift=walk)).emse, rel=0.03)


@pytest.mark.parametrize("power", [1e-12, 1.0, 1e12])
def test_the_optimum_keeps_its_place_in_any_unit(power):
    """Input in another unit: gains go with 1/power, EMSE stays. Loud noise puts the optimum 15 decades below the bound."""
    t = gs.tracking(gs.LMS(4), gs.Excitation(power, noise=1e12, drift=1e-6 / power))
    assert t.mu_opt * power == pytest.approx(1e-9, rel=1e-3)
    assert t.mu_small * power == pytest.approx(1e-9, rel=1e-9)
    assert t.emse == pytest.approx(4e3, rel=1e-6)


def test_the_small_gain_formula_does_not_cancel():
    """A walk far louder than the noise: the root tends to 1 / tr R."""
    t = gs.tracking(gs.LMS(4), gs.Excitation(1e12, noise=1e-12, drift=1e6))
    assert t.mu_small == pytest.approx(0.25e-12, rel=1e-9)


def test_a_filter_without_moments_is_told_whose_figures_it_gets():
    exc = gs.Excitation(1.0, noise=0.01, drift=1e-6)
    assert not any("those of LMS" in line for line in gs.tracking(gs.NLMS(4), exc).assumptions)
    assert any("those of LMS: none of its own is known for LMF" in line for line in gs.tracking(gs.LMF(4), exc).assumptions)
