"""Robbins-Monro by form, Chung's lemma, the product rule, averaging."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

import gainsched as gs


@pytest.mark.parametrize(("schedule", "power"), [
    (gs.InversePower(0.1, 0.6), 0.6), (gs.InversePower(0.1, 0.5), 0.5), (gs.InversePower(0.1, 0.0), 0.0),
    (gs.InversePower(0.0, 0.6), math.inf), (gs.InverseTime(0.1, 0.01), 1.0), (gs.InverseTime(0.1, 0.0), 0.0),
    (gs.InverseSqrt(0.1, 10), 0.5), (gs.TimeBased(0.1, 0.01), math.inf), (gs.Constant(0.1), 0.0),
    (gs.Constant(0.0), math.inf), (gs.Step(0.1, 0.5, 10), math.inf), (gs.Step(0.1, 1.0, 10), 0.0),
    (gs.Exponential(0.1, 0.5), math.inf), (gs.Exponential(0.1, 0.5, floor=1e-3), 0.0),
    (gs.Exponential(0.1, 1.5), 0.0), (gs.Cosine(0.1, 0.0, 100), math.inf), (gs.Cosine(0.1, 1e-3, 100), 0.0),
    (gs.Polynomial(0.1, 0.0, 10), math.inf), (gs.OneCycle(0.1, 100), 0.0), (gs.Tanh(0.1, 0.0, 10), 0.0),
    (gs.WarmupStableDecay(0.1, 5, 5, 5), math.inf), (gs.PiecewiseConstant((10,), (0.1, 0.0)), math.inf),
    (gs.PiecewiseLinear((0, 10), (0.1, 0.2)), 0.0), (gs.Cyclic(0.0, 0.1, 5), 0.0),
    (gs.Cyclic(0.0, 0.1, 5, "triangular2"), math.inf), (gs.Cyclic(1e-3, 0.1, 5, "triangular2"), 0.0),
    (gs.Cyclic(0.0, 0.1, 5, "exp_range", 0.9), math.inf), (gs.Chebyshev(1.0, 10.0, 8), 0.0), (gs.Silver(1.0), 0.0),
    (gs.CosineRestarts(0.1, 0.0, 10, factor=2, decay=0.5), 1.0), (gs.CosineRestarts(0.1, 0.0, 10, decay=0.5), math.inf),
    (gs.CosineRestarts(0.1, 0.0, 10, factor=4, decay=0.5), 0.5), (gs.CosineRestarts(0.1, 0.0, 10), 0.0),
    (2.0 * gs.InverseTime(0.1, 0.01), 1.0), (0.0 * gs.InverseTime(0.1, 0.01), math.inf),
    (gs.InverseSqrt(0.1, 5) * gs.InversePower(1.0, 0.25), 0.75), (gs.InverseTime(0.1, 1) + gs.InverseSqrt(0.1, 5), 0.5),
    (gs.InverseTime(0.1, 0.01).warmup(10), 1.0), (gs.Constant(0.1).then(gs.InverseTime(0.1, 0.01), at=10), 1.0),
    (gs.InverseTime(0.1, 0.01).then(gs.Constant(0.0), at=10), math.inf), (gs.InverseTime(0.1, 0.01).shift(5), 1.0),
    (gs.InverseTime(0.1, 0.01).clip(0.0, 0.05), 1.0), (gs.InverseTime(0.1, 0.01).clip(1e-3, 0.05), 0.0),
    (gs.InverseTime(0.1, 0.01).hold(5), 1.0), (gs.InverseTime(0.1, 0.01).repeat(5), 0.0),
    (gs.InverseTime(0.1, 0.01).noisy(0.1, 1), 1.0), (gs.Function(lambda k: 1 / (1 + k)), None),
    (gs.Constant(0.5) * gs.InverseTime(0.1, 0.01), 1.0),
])
def test_by_form(schedule, power):
    found = gs.robbins_monro(schedule)
    assert found.power == power
    if power is None:
        assert (found.passes, found.sum_diverges, found.squares_converge) == (None, None, None)
    else:
        assert (found.passes, found.sum_diverges, found.squares_converge) == (0.5 < power <= 1, power <= 1, power > 0.5)
    assert found.reason


def test_the_exponent_is_that_of_the_values():
    """mu(2k)/mu(k) -> 2^-p, for families without steps or cycles."""
    for schedule in (gs.InversePower(0.1, 0.6), gs.InverseTime(0.1, 0.01).warmup(10), gs.InverseSqrt(0.1, 5),
                     gs.InverseSqrt(0.1, 5) * gs.InversePower(1.0, 0.25)):
        k = 10**12
        assert -math.log2(schedule(2 * k) / schedule(k)) == pytest.approx(gs.robbins_monro(schedule).power, abs=1e-6)


@pytest.mark.parametrize(("a", "expected"), [(0.75, 1.125), (1.0, 1.0), (2.0, 4 / 3)])
def test_chung_against_the_recursion(a, expected):
    rate = gs.chung_rate(2 * a, a**2, 1.0)
    assert (rate.exponent, rate.log) == (1.0, False)
    assert rate.constant == pytest.approx(expected)
    n, k0 = 1_000_000, 10
    b = 0.0
    for k in range(k0, n):
        b = (1 - 2 * a / k) * b + a**2 / k**2
    slack = 3 * (k0 / n) ** (2 * a - 1) + 1e-4                      # what is left of the start
    assert n * b == pytest.approx(expected, rel=slack)


def test_chung_where_the_gain_is_too_small():
    assert gs.chung_rate(1.0, 1.0, 1.0) == gs.analysis.Rate(None, 1.0, log=True)
    assert gs.chung_rate(0.4, 1.0, 1.0).exponent == 0.4
    with pytest.raises(ValueError, match="chung_rate: c"):
        gs.chung_rate(0.0, 1.0, 1.0)


def test_product_rule():
    assert round(gs.remaining_start(0.5, 1000), 7) == 0.0178390
    for a, n in ((0.5, 0), (0.3, 20), (1.0, 5), (2.5, 30), (3.0, 2), (7.0, 7)):
        assert gs.remaining_start(a, n) == pytest.approx(np.prod(1 - a / np.arange(1, n + 1)), rel=1e-12)
    for bad in ((0.0, 5), (0.5, -1), (0.5, 1.5)):
        with pytest.raises(ValueError, match="remaining_start"):
            gs.remaining_start(*bad)


def test_averaging_against_the_compiled_average(rng):
    """Gain k^-.67 of a scalar; 400 trials leave sqrt(2/400) = 7 % on a variance: within a 99.9 % interval of it."""
    T, trials, noise = 20_000, 400, 1.0
    loop = gs.Loop(gs.LMS(1), gain=gs.InversePower(0.5, 0.67), compensator=gs.PolyakRuppert())
    X, V = rng.choice([-1.0, 1.0], (trials, T)), np.sqrt(noise) * rng.standard_normal((trials, T))
    predicted = gs.averaged_covariance(gs.Excitation(1.0, noise=noise), T)[0, 0]
    assert predicted == noise / T
    averages = []
    for x, v in zip(X, V, strict=True):
        loop.reset()
        loop.run(x, v)
        averages.append(float(loop.average[0]))
    share = np.mean(np.square(averages)) / predicted                # 1.084 was recorded at this n: not yet the limit
    assert chi2.ppf(5e-4, trials) / trials < share < 1.1 * chi2.ppf(1 - 5e-4, trials) / trials


def test_averaging_formula():
    H, C = np.array([[2.0, 0.3], [0.3, 1.0]]), np.array([[1.0, 0.2], [0.2, 0.5]])
    got = gs.averaged_covariance(gs.Excitation(H), 100, C)
    assert got == pytest.approx(np.linalg.inv(H) @ C @ np.linalg.inv(H) / 100)
    assert gs.averaged_covariance(gs.Excitation(H, noise=0.1), 100) == pytest.approx(0.1 * np.linalg.inv(H) / 100)
    with pytest.raises(gs.NoTheory):
        gs.averaged_covariance(gs.Excitation([[1.0, 1.0], [1.0, 1.0]]), 10)
    with pytest.raises(gs.NoTheory):
        gs.averaged_covariance(gs.Excitation(H, drift=1e-3), 10)
    with pytest.raises(ValueError, match="shape"):
        gs.averaged_covariance(gs.Excitation(H), 10, np.eye(3))


def test_refusals():
    with pytest.raises(TypeError, match="robbins_monro"):
        gs.robbins_monro(0.1)
    with pytest.raises(TypeError, match="averaged_covariance"):
        gs.averaged_covariance(1.0, 10)
    with pytest.raises(ValueError, match="n"):
        gs.averaged_covariance(gs.Excitation(1.0), 0)
