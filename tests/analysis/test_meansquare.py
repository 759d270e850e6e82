"""Mean-square theory: bounds where the recursion says so, closed forms, and learning curves against Monte Carlo."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz

import gainsched as gs
from gainsched.analysis import leastsquares, meansquare
from gainsched.excitation import linear_moments, normalized_moments

from .ensemble import decibel, emse

WHITE = np.ones(8)
COLORED = np.linalg.eigvalsh(toeplitz(0.7 ** np.arange(8)))
SPECTRA = {"white": WHITE, "AR(1) .7": COLORED}


def feuer_weinstein(mu, lam):
    return np.sum(mu * lam / (2 * (1 - mu * lam)))


def constant(mu):
    return lambda k: np.full(len(k), mu)


# -- bounds -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("lam", [*SPECTRA.values(), np.geomspace(1e-3, 7, 64)], ids=[*SPECTRA, "spread"])
def test_the_bound_of_lms_is_the_root_of_the_sum(lam):
    m = linear_moments(lam)
    bound = meansquare.mean_square_bound(m)
    assert feuer_weinstein(bound, lam) == pytest.approx(1, rel=1e-9)
    assert meansquare.growth(m, bound) == pytest.approx(1, abs=1e-9)
    assert bound > 2 / (3 * lam.sum())
    circular = linear_moments(lam, circular=True)
    bound = meansquare.mean_square_bound(circular)
    assert np.sum(bound * lam / (2 - bound * lam)) == pytest.approx(1, rel=1e-9)


def test_reference_numbers_at_the_bound():
    m = linear_moments(COLORED)
    bound = meansquare.mean_square_bound(m)
    assert 2 / (3 * 8) / bound == pytest.approx(0.58, abs=0.005)
    assert (meansquare.growth(m, 0.99 * bound), meansquare.growth(m, 1.01 * bound)) == (
        pytest.approx(0.9947, abs=5e-5), pytest.approx(1.0057, abs=5e-5))


@pytest.mark.parametrize("kurtosis", [-2.0, -1.2, 0.0, 3.0])
def test_white_bound_with_kurtosis(kurtosis):
    n, power = 8, 2.5
    m = linear_moments(np.full(n, power), kurtosis)
    assert meansquare.mean_square_bound(m) == pytest.approx(2 / ((n + 2 + kurtosis) * power), rel=1e-9)


@pytest.mark.parametrize("lam", [WHITE, COLORED, np.geomspace(1, 1e6, 16)])
def test_nlms_is_stable_up_to_two_whatever_the_spread(lam):
    assert meansquare.mean_square_bound(normalized_moments(lam, 0.0)) == pytest.approx(2, rel=1e-8)
    assert meansquare.mean_square_bound(normalized_moments(lam, lam.sum())) > 2


@pytest.mark.parametrize("delay", [0, 1, 2, 5, 10])
def test_the_delayed_bound_separates_growth_from_decay(delay):
    m = linear_moments(COLORED)
    bound = meansquare.mean_square_bound(m, delay)
    assert bound < meansquare.mean_bound(m, delay)
    assert meansquare.growth(m, 0.95 * bound, delay) < 1 < meansquare.growth(m, 1.05 * bound, delay)


def test_delay_limits():
    for delay, limit in enumerate((2, 1, 0.618034, 0.445042, 0.347296)):
        assert meansquare.delay_limit(delay) == pytest.approx(limit, abs=1e-6)
    assert meansquare.delay_limit(5) == pytest.approx(0.28462968)
    assert meansquare.delay_limit(10) == pytest.approx(0.14946019)


@pytest.mark.parametrize("delay", [0, 1, 4, 20])
def test_noise_energy_is_the_energy_of_the_impulse_response(delay):
    k = np.array([0.1, 0.5, 0.9]) * meansquare.delay_limit(delay)
    line, total = [np.zeros(3)] * delay + [np.ones(3)], np.zeros(3)
    for _ in range(15_000):
        total += line[-1] ** 2
        line = [*line[1:], line[-1] - k * line[0]]
    assert_allclose(meansquare.noise_energy(k, delay), total, rtol=1e-9)
    assert np.isinf(meansquare.noise_energy(np.array([meansquare.delay_limit(delay)]), delay))


# -- steady state -------------------------------------------------------------------------------------------------

def test_misadjustment_reference_numbers():
    m = linear_moments(np.ones(10))
    for mu, expected in ((0.05, 0.35714), (0.1, 1.25), (0.15, 7.5)):
        assert meansquare.steady_state(m, mu, 1.0, np.zeros(10)).sum() == pytest.approx(expected, abs=1e-5)
    assert np.isinf(meansquare.steady_state(m, 1 / 6 * 1.001, 1.0, np.zeros(10))).all()


def test_steady_state_of_lms_in_closed_form():
    mu, s2 = 0.3 * meansquare.mean_square_bound(linear_moments(COLORED)), 0.01
    S = feuer_weinstein(mu, COLORED)
    zeta = s2 * S / (1 - S)
    c = meansquare.steady_state(linear_moments(COLORED), mu, s2, np.zeros(8))
    assert COLORED @ c == pytest.approx(zeta, rel=1e-10)
    assert_allclose(c, mu * (s2 + zeta) / (2 * (1 - mu * COLORED)), rtol=1e-10)


def test_steady_state_of_nlms_in_closed_form():
    mu, s2, n = 0.5, 0.01, 8
    c = meansquare.steady_state(normalized_moments(np.full(n, 3.0), 0.0), mu, s2, np.zeros(n))
    assert 3.0 * c.sum() == pytest.approx(mu * s2 / (2 - mu) * n / (n - 2), rel=1e-9)


def test_tracking_of_a_single_weight_is_a_kalman_filter_at_best():
    gains = np.linspace(0.05, 0.2, 3001)                                   # |u| = 1: kurtosis -2 makes B = lam^2
    m = linear_moments([1.0], kurtosis=-2.0)
    mse = [1 + meansquare.steady_state(m, mu, 1.0, np.array([0.01]))[0] for mu in gains]
    assert gains[np.argmin(mse)] == pytest.approx(0.0951249, abs=1e-4)
    assert min(mse) - 1 == pytest.approx(0.1051249, abs=1e-6)


@pytest.mark.parametrize("delay", [0, 1, 7])
def test_the_recursion_settles_at_the_steady_state(delay):
    m, drift = linear_moments(COLORED), np.full(8, 1e-6)
    mu = 0.4 * meansquare.mean_square_bound(m, delay)
    rows = meansquare.curve(m, np.ones(8) / 8, constant(mu), range(20_000), 0.01, drift, delay)
    assert_allclose(rows[-1], meansquare.steady_state(m, mu, 0.01, drift, delay), rtol=1e-9)
    for every in (7, 1000):
        thin = meansquare.curve(m, np.ones(8) / 8, constant(mu), range(0, 20_000, every), 0.01, drift, delay)
        assert_allclose(thin, rows[::every], rtol=1e-9)


def test_modes_without_power_keep_their_error():
    m = linear_moments([0.0, 1.0])
    c = meansquare.steady_state(m, 0.1, 1.0, np.zeros(2))
    assert math.isnan(c[0]) and math.isfinite(c[1])
    assert meansquare.steady_state(m, 0.1, 1.0, np.array([1e-3, 0]))[0] == math.inf
    rows = meansquare.curve(m, np.ones(2), constant(0.1), range(1000), 1.0, np.zeros(2))
    assert_allclose(rows[:, 0], 1)


# -- learning curves ----------------------------------------------------------------------------------------------

STEPS, TRIALS = 700, 1200
FILTERS = {"LMS": (None, 0, 0.3), "NLMS": (1e-6, 0, 0.5), "DelayedLMS": (None, 6, 0.3)}


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("schedule", ["constant", "exponential", "cosine"])
@pytest.mark.parametrize("name", FILTERS)
def test_learning_curve_within_half_a_decibel_of_monte_carlo(rng, name, schedule, spectrum):
    eps, delay, height = FILTERS[name]
    R = np.eye(8) if spectrum == "white" else toeplitz(0.7 ** np.arange(8))
    filter = {"LMS": gs.LMS(8), "NLMS": gs.NLMS(8, eps=1e-6), "DelayedLMS": gs.DelayedLMS(8, delay=delay)}[name]
    exc = gs.Excitation(R, noise=1e-3)
    top = height * gs.analyze(gs.Loop(filter, gain=1e-3), exc).range[1]
    gain = {"constant": gs.Constant(top), "exponential": gs.Exponential(top, rate=0.5, every=100, floor=top / 50),
            "cosine": gs.Cosine(top, top / 50, steps=600)}[schedule]
    lam, Q = exc.basis()
    w_opt = np.linspace(1, -1, 8)
    predicted = gs.analyze(gs.Loop(filter, gain=gain), exc).learning_curve(STEPS, "emse", w_opt=w_opt)
    seen = emse(lam, gain(np.arange(STEPS)), TRIALS, rng, noise=1e-3, start=Q.T @ w_opt, eps=eps, delay=delay)
    assert np.abs(decibel(predicted / seen)).max() < 0.5


def test_drift_enters_the_curve(rng):
    exc = gs.Excitation(np.diag(COLORED), noise=1e-3, drift=1e-5)
    rep = gs.analyze(gs.Loop(gs.LMS(8), gain=0.03), exc)
    seen = emse(COLORED, np.full(1500, 0.03), 500, rng, noise=1e-3, start=np.ones(8), drift=1e-5)
    predicted = rep.learning_curve(1500, "emse", w_opt=np.ones(8))
    assert np.abs(decibel(predicted / seen)).max() < 0.5
    assert rep.emse == pytest.approx(seen[1000:].mean(), rel=0.05)


@pytest.mark.parametrize("name", ["LMS", "NLMS"])
def test_circular_complex_curve(rng, name):
    lam, trials, mu = np.array([0.2, 1.0, 1.8]), 4000, {"LMS": 0.2, "NLMS": 0.7}[name]
    error, seen = np.ones((trials, 3), complex), []
    for _ in range(120):
        seen.append(np.mean(np.abs(error) ** 2 @ lam))
        z = rng.standard_normal((2, trials, 4))
        z = (z[0] + 1j * z[1]) / np.sqrt(2)
        u = np.sqrt(lam) * z[:, :3]
        e = np.sum(error * u, axis=1) + 0.1 * z[:, 3]
        scale = e if name == "LMS" else e / (1e-3 + np.sum(np.abs(u) ** 2, axis=1))
        error = error - mu * scale[:, None] * u.conj()
    exc = gs.Excitation(np.diag(lam).astype(complex), noise=0.01)
    filter = gs.LMS(3) if name == "LMS" else gs.NLMS(3, eps=1e-3)
    predicted = gs.analyze(gs.Loop(filter, gain=mu), exc).learning_curve(120, "emse", w_opt=np.ones(3))
    assert np.abs(decibel(predicted / np.array(seen))).max() < 0.5


# -- least squares ------------------------------------------------------------------------------------------------

def rls(lam, forgetting, steps, trials, rng, *, noise, start, delta=100.0, drift=0.0):
    """EMSE before every sample of conventional RLS; steps stay far below where the full matrix loses symmetry."""
    n = len(lam)
    error, P, out = np.tile(start, (trials, 1)), np.tile(delta * np.eye(n), (trials, 1, 1)), np.empty(steps)
    for k, forgets in enumerate(np.broadcast_to(forgetting, steps)):
        out[k] = np.mean(error**2 @ lam)
        u = np.sqrt(lam) * rng.standard_normal((trials, n))
        e = np.sum(error * u, axis=1) + np.sqrt(noise) * rng.standard_normal(trials)
        Pu = np.einsum("tij,tj->ti", P, u)
        K = Pu / (forgets + np.sum(u * Pu, axis=1))[:, None]
        error = error - K * e[:, None] + np.sqrt(drift) * rng.standard_normal((trials, n))
        P = (P - K[:, :, None] * Pu[:, None, :]) / forgets
        P = (P + P.transpose(0, 2, 1)) / 2
    return out


@pytest.mark.parametrize(("forgetting", "drift"), [(1.0, 0.0), (0.99, 0.0), (0.95, 0.0), (0.98, 1e-4)])
def test_least_squares_curve(rng, forgetting, drift):
    exc = gs.Excitation(np.diag(COLORED), noise=0.1, drift=drift)
    rep = gs.analyze(gs.Loop(gs.RLS(8), forgetting=forgetting), exc)
    predicted = rep.learning_curve(250, "emse", w_opt=np.ones(8))
    seen = rls(COLORED, forgetting, 250, 500, rng, noise=0.1, start=np.ones(8), drift=drift)
    assert np.isnan(predicted[:16]).all()
    assert np.abs(decibel(predicted[24:] / seen[24:])).max() < 0.9          # scatter of single samples included
    assert np.abs(np.mean(decibel(predicted[40:] / seen[40:]))) < 0.2


@pytest.mark.parametrize("schedule", [gs.Cosine(0.95, 0.995, 200), gs.Cyclic(0.96, 0.995, 40), gs.Cosine(0.999, 0.95, 200)],
                         ids=repr)
@pytest.mark.parametrize("drift", [0.0, 1e-4])
def test_least_squares_under_a_forgetting_schedule(rng, schedule, drift):
    """Within the validity that the report prints: weights over memory, N (1 - forgetting), .4 at most here."""
    exc = gs.Excitation(np.diag(COLORED), noise=0.1, drift=drift)
    rep = gs.analyze(gs.Loop(gs.RLS(8), forgetting=schedule), exc)
    assert rep.verdict == "stable" and any("weights over memory" in line for line in rep.warnings)
    predicted = rep.learning_curve(300, "emse", w_opt=np.ones(8))
    seen = rls(COLORED, schedule(np.arange(300)), 300, 500, rng, noise=0.1, start=np.ones(8), drift=drift)
    assert np.abs(decibel(predicted[24:] / seen[24:])).max() < 0.9          # scatter of single samples included
    stretches = decibel(predicted[40:280].reshape(-1, 20).mean(axis=1) / seen[40:280].reshape(-1, 20).mean(axis=1))
    assert np.abs(stretches).max() < 0.4


def test_least_squares_reference_forms():
    n, s2 = 8, 0.01
    exc = gs.Excitation(np.diag(COLORED), noise=s2)
    msd = gs.analyze(gs.Loop(gs.RLS(n, delta=1e9)), exc).learning_curve(500, "msd")
    assert msd[400] == pytest.approx(s2 * np.sum(1 / COLORED) / (400 - n - 1), rel=1e-6)
    rep = gs.analyze(gs.Loop(gs.RLS(n), forgetting=0.999), exc)
    assert rep.emse == pytest.approx(s2 * n * 0.001 / 1.999, rel=0.002)
    assert rep.misadjustment == pytest.approx(rep.emse / s2)
    for forgetting, ratio in ((0.99, 1.02), (0.95, 1.07)):                  # over s2 (1 - l) N/(1 + l), by Monte Carlo
        emse_ = gs.analyze(gs.Loop(gs.RLS(n), forgetting=forgetting), exc).emse
        assert emse_ / (s2 * n * (1 - forgetting) / (1 + forgetting)) == pytest.approx(ratio, abs=0.015)


def test_least_squares_claims_nothing_where_memory_is_too_short():
    rep = gs.analyze(gs.Loop(gs.RLS(32), forgetting=0.8), gs.Excitation(1.0))
    assert rep.emse is None
    assert any("N (1 - forgetting) = 6.4" in line for line in rep.warnings)
    assert leastsquares.validity(32, 0.8) == pytest.approx(6.4)
