"""Worst-case rates: published tunings, certifiable limits, soundness against linear and nonlinear witnesses."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import control as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsched as gs

rate = gs.convergence_rate


def nesterov(kappa):
    return 1.0, gs.Nesterov((kappa**0.5 - 1) / (kappa**0.5 + 1))


def nesterov_for_quadratics(kappa):
    root = (3 * kappa + 1) ** 0.5
    return 4 / (3 + 1 / kappa), gs.Nesterov((root - 2) / (root + 2))


def heavy_ball(kappa):
    root = kappa**0.5
    return 4 / (1 + 1 / root) ** 2, gs.HeavyBall(((root - 1) / (root + 1)) ** 2)


def triple_momentum(kappa):
    """Van Scoy, Freeman, Lynch 2018, with its compensator between gain and integrator as a plain transfer function."""
    rho = 1 - kappa**-0.5
    beta, gamma = rho**2 / (2 - rho), rho**2 / ((1 + rho) * (2 - rho))
    return 1 + rho, ct.tf([1 + gamma, -gamma], [1, -beta], True)


@pytest.mark.parametrize("multiplier", ["sector", "off-by-one"])
@pytest.mark.parametrize("kappa", [1, 1.0001, 2, 10, 25, 100, 1e4, 1e6])
def test_gradient_descent_is_exact(kappa, multiplier):
    assert rate(kappa, 1.0, multiplier=multiplier) == pytest.approx(1 - 1 / kappa, abs=1e-9)
    assert rate(kappa, 2 / (1 + 1 / kappa), multiplier=multiplier) == pytest.approx((kappa - 1) / (kappa + 1), abs=1e-9)
    assert rate(kappa, 1.5, multiplier=multiplier) == pytest.approx(max(0.5, 1 - 1.5 / kappa), abs=1e-9)
    assert rate(kappa, 2.0, multiplier=multiplier) == math.inf


@pytest.mark.parametrize("kappa", [2, 10, 25, 100, 1e4, 1e6])
def test_triple_momentum_is_exact(kappa):
    expected = pytest.approx(1 - kappa**-0.5, abs=1e-9)
    mu, K = triple_momentum(kappa)
    assert rate(kappa, mu, K, "off-by-one") == expected
    assert rate(kappa, mu, ct.ss(K), "off-by-one") == expected
    assert rate(kappa, mu * K * ct.tf([1], [1, -1], True), multiplier="off-by-one") == expected       # whole optimizer


# Lessard, Recht, Packard 2016, figures 4 and 5, to the digits of an independent frequency test.
@pytest.mark.parametrize(("kappa", "tuning", "multiplier", "expected"), [
    (10, nesterov, "sector", 0.967000), (25, nesterov, "sector", math.inf), (100, nesterov, "sector", math.inf),
    (10, nesterov, "off-by-one", 0.751821), (25, nesterov, "off-by-one", 0.849622), (100, nesterov, "off-by-one", 0.927933),
    (10, nesterov_for_quadratics, "off-by-one", 0.715719), (25, nesterov_for_quadratics, "off-by-one", 0.826172),
    (100, nesterov_for_quadratics, "off-by-one", 0.916441),
    (10, heavy_ball, "sector", math.inf), (10, heavy_ball, "off-by-one", 0.860409),
    (25, heavy_ball, "off-by-one", math.inf), (100, heavy_ball, "off-by-one", math.inf)])
def test_reference_rates(kappa, tuning, multiplier, expected):
    assert rate(kappa, *tuning(kappa), multiplier) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kappa", [10, 25, 100, 1000])
def test_nesterov_is_better_than_its_proof(kappa):
    assert rate(kappa, *nesterov(kappa), "off-by-one") < math.sqrt(1 - kappa**-0.5)


@pytest.mark.parametrize(("tuning", "multiplier", "limit"), [
    (heavy_ball, "sector", 3 + 2 * 2**0.5), (nesterov, "sector", 6 + 4 * 2**0.5), (heavy_ball, "off-by-one", 9 + 4 * 5**0.5)])
def test_limit_of_what_can_be_certified(tuning, multiplier, limit):
    assert rate(limit - 1e-6, *tuning(limit - 1e-6), multiplier) < 1
    assert rate(limit + 1e-6, *tuning(limit + 1e-6), multiplier) == math.inf


def test_compensators_and_their_transfer_functions_agree():
    for compensator, K in ((gs.HeavyBall(0.3), ct.tf([1, 0], [1, -0.3], True)),
                           (gs.Nesterov(0.3), ct.tf([1.3, -0.3], [1, -0.3], True)),
                           (gs.GradientEMA(0.3), ct.tf([0.7, 0], [1, -0.3], 0.01))):
        for multiplier in ("sector", "off-by-one"):
            assert rate(5, 0.9, compensator, multiplier) == rate(5, 0.9, K, multiplier) < 1
        loop = gs.Loop(gs.LMS(1), gain=0.9, compensator=compensator)
        assert rate(5, loop.transfer(1.0)) == pytest.approx(rate(5, 0.9, compensator), abs=1e-9)
    assert rate(5, 0.9, gs.HeavyBall(0.0)) == pytest.approx(rate(5, 0.9), abs=1e-9)
    # An EMA is a heavy ball of gain (1 - beta).
    assert rate(5, 0.9, gs.GradientEMA(0.3)) == pytest.approx(rate(5, 0.63, gs.HeavyBall(0.3)), abs=1e-9)


@pytest.mark.parametrize("mu", [0.2, 0.5, 0.999, 1.001])
def test_stale_gradient(mu):
    """A whole optimizer with one step of delay, z^2 - z + mu lam: linear loops are stable up to mu = 1."""
    stale = rate(3, ct.tf([mu], [1, -1, 0], True))
    worst = max(np.abs(np.roots([1, -1, mu * lam])).max() for lam in np.linspace(1 / 3, 1, 101))
    assert stale >= worst - 1e-9
    assert (mu > 1) <= (stale == math.inf)


@pytest.mark.parametrize(("delay", "mu"), [(1, 0.6), (2, 0.37), (5, 0.17), (5, 0.25), (20, 0.046)])
def test_weights_below_one_are_sharp_for_stale_gradients(delay, mu):
    """The best h lies inside [0, 1]; the rate is then that of the worst quadratic, below which nothing can be certified."""
    N, D = np.array([mu]), np.array([1.0, -1] + [0] * delay)
    L = ct.tf(N, D, True)
    sector, better = rate(3, L), rate(3, L, multiplier="off-by-one")
    worst = max(np.abs(np.roots(np.polyadd(D, lam * N))).max() for lam in (1 / 3, 1))
    assert better == pytest.approx(worst, abs=1e-9)
    assert better < sector - 1e-3
    z = better * np.exp(1j * np.linspace(0, np.pi, 4001))
    n, d = np.polyval(N, z), np.polyval(D, z)
    least = [np.min((((1 - h * better**2 / z) * (d + n)).conj() * (d + n / 3)).real) for h in np.linspace(0, 1, 201)]
    assert 0 < np.argmax(least) < 200 or max(least) >= 0
    assert max(least) >= -1e-4


@settings(max_examples=60, deadline=None)
@given(kappa=st.floats(1.0, 1e3), mu=st.floats(0.01, 3.9), beta=st.floats(0.0, 0.95),
       kind=st.sampled_from([gs.HeavyBall, gs.Nesterov, gs.GradientEMA]))
def test_never_a_rate_that_is_too_good(kappa, mu, beta, kind):
    """Not faster than any quadratic; off-by-one not worse than sector; the circle holds on a dense grid."""
    compensator = kind(beta)
    sector, better = (rate(kappa, mu, compensator, multiplier) for multiplier in ("sector", "off-by-one"))
    assert better <= sector
    num, den = compensator.transfer(beta)
    N, D = mu * np.array(num), np.polymul([1, -1], den)
    worst = max(np.abs(np.roots(np.polyadd(D, lam * N))).max() for lam in np.geomspace(1 / kappa, 1, 50))
    assert min(sector, better) >= worst - 1e-9
    if sector < 1:
        z = sector * np.exp(1j * np.linspace(0, np.pi, 20001))
        n, d = np.polyval(N, z), np.polyval(D, z)
        assert np.min(((d + n).conj() * (d + n / kappa)).real) >= -1e-14


@settings(max_examples=25, deadline=None)
@given(kappa=st.floats(1.5, 50), mu=st.floats(0.1, 3.0), beta=st.floats(0.0, 0.9),
       kind=st.sampled_from([gs.HeavyBall, gs.Nesterov, gs.GradientEMA]))
def test_sector_rate_covers_slopes_that_switch(kappa, mu, beta, kind):
    """Any sequence of slopes m and L is in the sector: no product of their matrices grows faster than the rate."""
    sector = rate(kappa, mu, kind(beta))
    num, den = kind(beta).transfer(beta)
    N, D = mu * np.array(num), np.polymul([1, -1], den)
    pair = []
    for lam in (1 / kappa, 1.0):
        p = np.polyadd(D, lam * N)
        pair.append(np.array([[-p[1], -p[2]], [1, 0]]))         # acts on (x_k, x_{k-1}) with y = N(z) x: one state for all slopes
    for n in (1, 2, 3, 5, 8):
        for word in itertools.product(pair, repeat=n):
            product = np.linalg.multi_dot(word) if n > 1 else word[0]
            assert np.abs(np.linalg.eigvals(product)).max() ** (1 / n) <= sector + 1e-9


@pytest.mark.parametrize("tuning", [nesterov, heavy_ball])
def test_piecewise_linear_gradients_keep_the_rate(tuning, rng):
    """Objectives that are no quadratics: the distance falls at the certified rate on each."""
    kappa = 10.0
    mu, compensator = tuning(kappa)
    rho = rate(kappa, mu, compensator, "off-by-one")
    for _ in range(10):
        knots = np.sort(rng.normal(0, 2, 6))
        slopes = rng.uniform(1 / kappa, 1, 7)

        def slope(w, knots=knots, slopes=slopes):
            edges = np.concatenate([[0.0], np.sort(np.append(knots[(knots > min(w, 0)) & (knots < max(w, 0))], w))]) if w > 0 \
                else np.concatenate([[w], np.sort(np.append(knots[(knots > w) & (knots < 0)], 0.0))])
            edges = np.sort(edges)
            middles = (edges[1:] + edges[:-1]) / 2
            return math.copysign(float(np.diff(edges) @ slopes[np.searchsorted(knots, middles)]), w)

        descent = gs.Descent(lambda w, slope=slope: np.array([slope(float(w[0]))]), [3.0], gain=mu, compensator=compensator)
        path = np.abs(descent.run(60, record=gs.Record(weights=1)).weights[:, 0])
        steps = np.arange(1, 61)
        assert np.all(path <= 30 * rho**steps + 1e-12)


CYCLE = [Fraction(n, 1225) for n in (2592, 792, -2208)]


def lessard(w):
    """Slopes 25, 1, 25: between the curvatures 1 and 25."""
    return 25 * w if w < 1 else w + 24 if w < 2 else 25 * w - 24


def test_three_cycle_is_one():
    """In exact fractions: w+ = w - f'(w)/9 + 4/9 (w - w_-)."""
    for i in range(3):
        before, now, after = (CYCLE[(i + j) % 3] for j in range(3))
        assert now - lessard(now) / 9 + Fraction(4, 9) * (now - before) == after
    assert [round(float(w), 6) for w in CYCLE] == [2.115918, 0.646531, -1.802449]


@pytest.mark.parametrize(("start", "cycles"), [(3.0, False), (3.07, True), (3.2, True), (3.3, True), (3.46, True), (3.6, False)])
def test_three_cycle_is_met(start, cycles):
    descent = gs.Descent(lambda w: np.array([lessard(float(w[0]))]), [start], gain=1 / 9, compensator=gs.HeavyBall(4 / 9))
    last = descent.run(600, record=gs.Record(weights=1)).weights[-3:, 0]
    expected = sorted(map(float, CYCLE)) if cycles else np.zeros(3)
    assert np.allclose(np.sort(last), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("arguments", "error", "words"), [
    ((0.5, 1.0), ValueError, "kappa must be a finite number >= 1, got 0.5"),
    ((math.inf, 1.0), ValueError, "kappa"), ((True, 1.0), TypeError, "kappa"), ((10, -1.0), ValueError, "gain"),
    ((10, 0.0), ValueError, "gain"), ((10, math.nan), ValueError, "gain"), ((10, "fast"), TypeError, "gain"),
    ((10, 1.0, gs.HeavyBall(gs.Constant(0.5))), ValueError, "constant beta"),
    ((10, 1.0, gs.PolyakRuppert()), TypeError, "must be HeavyBall"), ((10, 1.0, None, "zames"), ValueError, "multiplier"),
    ((10, ct.tf([1], [1, -1], True), gs.HeavyBall(0.5)), ValueError, "whole optimizer"),
    ((10, ct.tf([1], [1, 0])), ValueError, "takes steps"), ((10, ct.tf([1], [1, -0.9], True)), ValueError, "integrator"),
    ((10, ct.tf([1, -1], [1, -1.5, 0.5], True)), ValueError, "integrator"),
    ((10, ct.tf([1, 0], [1, -1], True)), ValueError, "implicit"),
    ((10, ct.ss(np.eye(2), np.eye(2), np.eye(2), np.zeros((2, 2)), True)), ValueError, "one input")])
def test_refusals(arguments, error, words):
    with pytest.raises(error, match=words):
        rate(*arguments)
