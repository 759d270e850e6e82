"""Mean step size and misadjustment of variable step sizes against theory: independent Gaussian regressors, long runs.

Regressors are independent because each sample brings eight new channels to a filter of one tap. Theory replaces mu by
E mu and mu^2 by E mu^2 in the moments of LMS, so 10 % is its own accuracy; the means themselves are known to about 1 %.
"""

from __future__ import annotations

import numpy as np
import pytest

import gainsched as gs

CHANNELS, NOISE = 8, 1.0
MODEL = gs.FIR(1, channels=CHANNELS)
WHITE, COLORED = np.ones(CHANNELS), np.geomspace(3.0, 0.3, CHANNELS)


def measured(law, lam, drift=0.0, samples=300_000, runs=2):
    """(E mu, excess error over noise) of LMS with modes lam, weights walking by `drift` per mode and sample."""
    found = []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        x = np.sqrt(lam) * rng.standard_normal((samples, CHANNELS))
        truth = np.cumsum(np.sqrt(drift) * rng.standard_normal(x.shape), axis=0)
        v = np.sqrt(NOISE) * rng.standard_normal(samples)
        run = gs.LMS(MODEL).run(x, np.sum(truth * x, axis=1) + v, gain=law, record=gs.Record(gain=1))
        steady = slice(samples // 5, None)
        found.append((run.gain[steady].mean(), np.mean((run.e - v)[steady] ** 2) / NOISE))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("gamma", [2e-4, 5e-4, 7.3e-4])
def test_kwong_johnston(gamma):
    alpha = 0.97
    y = gamma * NOISE * (3 - alpha) * CHANNELS / (2 * (1 - alpha**2))
    misadjustment = (1 - np.sqrt(1 - 4 * y)) / (1 + np.sqrt(1 - 4 * y))
    step = gamma * NOISE * (1 + misadjustment) / (1 - alpha)
    assert measured(gs.KwongJohnston(alpha, gamma), WHITE) == pytest.approx([step, misadjustment], rel=0.1)


def report(law, lam=WHITE, drift=None):
    return gs.analyze(gs.Loop(gs.LMS(MODEL), gain=law), gs.Excitation(np.diag(lam), noise=NOISE, drift=drift))


def mean_gain(rep):
    """The figure that the report gives in words."""
    return float(next(line for line in rep.assumptions if line.startswith("mean gain")).split()[2].rstrip(","))


@pytest.mark.parametrize("gamma", [2e-4, 5e-4, 7.3e-4])
def test_report_of_kwong_johnston(gamma):
    rep = report(gs.KwongJohnston(0.97, gamma))
    assert measured(gs.KwongJohnston(0.97, gamma), WHITE) == pytest.approx([mean_gain(rep), rep.misadjustment], rel=0.1)


def test_report_of_kwong_johnston_small_gain_is_the_published_one():
    y = 1e-6 * (3 - 0.97) * CHANNELS / (2 * (1 - 0.97**2))
    assert report(gs.KwongJohnston(0.97, 1e-6)).misadjustment == pytest.approx(y, rel=2e-3)


def test_report_of_aboulnasr_mayyas_is_a_bracket():
    law = gs.AboulnasrMayyas(0.97, 0.9, 1e-3)
    rep = report(law)
    words = next(line for line in rep.assumptions if line.startswith("mean gain")).split()
    low, high = (float(words[words.index("%") - 1]), float(words[len(words) - words[::-1].index("%") - 2]))
    step, misadjustment = measured(law, WHITE)
    assert (rep.emse, rep.verdict) == (None, "stable")
    assert low < 100 * misadjustment < high
    assert float(words[2]) < 1.1 * step
    assert step < 1.1 * float(words[4].rstrip(","))


@pytest.mark.parametrize("lam", [WHITE, COLORED], ids=["white", "colored"])
def test_report_of_mathews_xie(lam):
    rep = report(gs.MathewsXie(3e-6), lam, 1e-4)
    mu, misadjustment = equilibrium(lam, 1e-4)
    assert (mean_gain(rep), rep.misadjustment) == (pytest.approx(mu, rel=1e-3), pytest.approx(misadjustment, rel=1e-6))
    still = report(gs.MathewsXie(3e-6), lam)
    assert still.emse is None
    assert any("falls to its floor" in line for line in still.warnings)


def test_limits_that_shape_the_gain_leave_no_number():
    for law in (gs.KwongJohnston(high=1e-3), gs.KwongJohnston(low=0.03, high=0.05), gs.KwongJohnston(gamma=0.05),
                gs.KwongJohnston(rate_limit=1e-6), gs.Benveniste(), 0.5 * gs.KwongJohnston()):
        assert report(law).emse is None
    assert gs.analyze(gs.Loop(gs.NLMS(8), gain=gs.KwongJohnston()), gs.Excitation(1.0)).emse is None


@pytest.mark.parametrize(("beta", "gamma"), [(0.5, 1e-3), (0.9, 1e-3), (0.99, 0.05)])
def test_aboulnasr_mayyas(beta, gamma):
    """Its published misadjustment drops the correlation of p; what holds is the bracket of a fast and a slow p."""
    alpha = 0.97
    step, misadjustment = measured(gs.AboulnasrMayyas(alpha, beta, gamma), WHITE)
    power = NOISE * (1 + misadjustment)
    assert step == pytest.approx(gamma * (1 - beta) * power**2 / ((1 + beta) * (1 - alpha)), rel=0.1)
    assert 1.0 < misadjustment / (step * CHANNELS / 2) < 3.0


def mode_errors(mu, lam, drift):
    """Steady E of the squared weight error by mode, LMS at a constant gain, a random walk of the weights."""
    F = np.diag(1 - 2 * mu * lam + 2 * mu**2 * lam**2) + mu**2 * np.outer(lam, lam)
    return np.linalg.solve(np.eye(CHANNELS) - F, mu**2 * NOISE * lam + drift)


def equilibrium(lam, drift):
    """The gain with mu = tr(R^2 K(mu)) / ((noise + excess) tr R^2), by bisection, and the misadjustment there."""
    low, high = 1e-6, 0.6 / np.sum(lam)
    for _ in range(60):
        mu = (low + high) / 2
        c = mode_errors(mu, lam, drift)
        low, high = (mu, high) if np.sum(lam**2 * c) > mu * (NOISE + lam @ c) * np.sum(lam**2) else (low, mu)
    return mu, lam @ mode_errors(mu, lam, drift) / NOISE


@pytest.mark.parametrize("drift", [1e-4, 4e-4])
@pytest.mark.parametrize("lam", [WHITE, COLORED], ids=["white", "colored"])
def test_mathews_xie_tracks_a_random_walk(lam, drift):
    mu, misadjustment = equilibrium(lam, drift)
    assert measured(gs.MathewsXie(3e-6, start=mu), lam, drift) == pytest.approx([mu, misadjustment], rel=0.1)


@pytest.mark.parametrize("drift", [1e-4, 4e-4])
def test_that_equilibrium_is_the_optimal_gain_for_white_input(drift):
    """mu_opt = sqrt(tr Q / (noise tr R) + (tr Q / (2 noise))^2) - tr Q / (2 noise), to the order in mu it is derived to."""
    total = CHANNELS * drift
    optimal = np.sqrt(total / (NOISE * CHANNELS) + (total / (2 * NOISE)) ** 2) - total / (2 * NOISE)
    assert equilibrium(WHITE, drift)[0] == pytest.approx(optimal, rel=0.02)


@pytest.mark.parametrize("meta", [1e-5, 3e-5])
def test_mathews_xie_falls_to_its_own_noise_without_drift(meta):
    """Small gains obey mu+ = (1 - meta noise N/2) mu + meta noise sqrt(N) xi, kept above 0: a half-normal distribution.

    Its mean is sqrt(2 meta noise / pi). White input; larger gains are pulled down a little harder than that.
    """
    step, _ = measured(gs.MathewsXie(meta, start=0.0), WHITE)
    assert step == pytest.approx(np.sqrt(2 * meta * NOISE / np.pi), rel=0.1)


def test_mathews_xie_rests_at_its_lower_limit():
    assert measured(gs.MathewsXie(1e-6, start=0.01, low=0.01), WHITE)[0] == pytest.approx(0.01, rel=0.1)
