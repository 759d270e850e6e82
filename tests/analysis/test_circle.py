"""Circle criterion and positive realness: textbook numbers, and a dense scan that must not come lower."""

from __future__ import annotations

import math

import control as ct
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import gainsched as gs


def heavy_ball(kappa):
    root = kappa**0.5
    alpha, beta = 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2
    return ct.tf([alpha, 0], [1, -1 - beta, beta], True)


@pytest.mark.parametrize("system", [lambda L: L, ct.ss])
@pytest.mark.parametrize(("mu", "verdict", "minimum"), [(0.0799, "stable", 0.0013), (0.0801, "not certified", -0.0013)])
def test_gradient_descent(mu, verdict, minimum, system):
    found = gs.circle_criterion(system(ct.tf([mu], [1, -1], True)), 1, 25)
    assert found.verdict == verdict
    assert round(found.minimum, 4) == minimum
    assert found.minimum == pytest.approx((1 - 12.5 * mu) / (1 - mu / 2), rel=1e-9)          # at z = -1
    assert found.frequency == math.pi
    assert tuple(found) == (found.verdict, found.minimum, found.frequency)


def test_heavy_ball_at_its_tuning_for_quadratics():
    limit = 3 + 2 * 2**0.5
    assert gs.circle_criterion(heavy_ball(limit - 1e-6), 1 / (limit - 1e-6), 1).verdict == "stable"
    assert gs.circle_criterion(heavy_ball(limit + 1e-6), 1 / (limit + 1e-6), 1).verdict == "not certified"
    assert gs.circle_criterion(heavy_ball(25), 1 / 25, 1).verdict == "not certified"          # Lessard's three-cycle


def test_touching_is_not_certified():
    assert gs.circle_criterion(ct.tf([0.08], [1, -1], True), 1, 25).verdict == "not certified"


def test_agrees_with_the_sector_multiplier():
    """A loop that passes the circle on |z| = 1 has a certified rate, and the other way round."""
    for kappa in (2, 4, 5.8, 5.9, 10):
        passes = gs.circle_criterion(heavy_ball(kappa), 1 / kappa, 1).verdict == "stable"
        assert passes == (gs.convergence_rate(kappa, heavy_ball(kappa)) < 1)


def test_continuous_loops():
    """1/(s^2 + s + 1) in [0, k]: min Re L = -1/3 at w = sqrt 2, so k < 3."""
    L = ct.tf([1], [1, 1, 1])
    inside, outside = gs.circle_criterion(L, 0, 2.999), gs.circle_criterion(L, 0, 3.001)
    assert (inside.verdict, outside.verdict) == ("stable", "not certified")
    assert inside.minimum == pytest.approx(1 - 2.999 / 3, rel=1e-9)
    assert inside.frequency == pytest.approx(2**0.5, abs=1e-6)
    quick = gs.circle_criterion(ct.tf([1e6], [1, 1e3, 1e6]), 0, 2.999)                       # the same, 1000 times as fast
    assert quick.minimum == pytest.approx(inside.minimum, rel=1e-9)
    assert quick.frequency == pytest.approx(1e3 * inside.frequency, rel=1e-6)
    assert gs.circle_criterion(ct.tf([1], [1, 1]), -0.9, 100).verdict == "stable"


def test_where_the_criterion_does_not_apply():
    """The linear loop at `low` is not stable: an integrator at low = 0."""
    found = gs.circle_criterion(ct.tf([0.1], [1, -1], True), 0, 1)
    assert found.verdict == "not certified"
    assert math.isnan(found.minimum)
    assert math.isnan(found.frequency)


@settings(max_examples=60, deadline=None)
@given(poles=st.lists(st.tuples(st.floats(0.05, 0.97), st.floats(0.05, 3.1)), min_size=1, max_size=3),
       zeros=st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=3), low=st.floats(-0.5, 0.5), width=st.floats(0.1, 3))
@example(poles=[(0.75, 0.5), (0.875, 0.25), (0.875, 0.25)], zeros=[0.0], low=0.0, width=1.0)       # a double pole
def test_no_frequency_lies_below_the_minimum(poles, zeros, low, width):
    assume(len(zeros) <= 2 * len(poles))
    den = np.poly([z for r, w in poles for z in (r * np.exp(1j * w), r * np.exp(-1j * w))]).real
    num = np.poly(zeros)
    found = gs.circle_criterion(ct.tf(num, den, True), low, low + width)
    assume(not math.isnan(found.minimum))
    z = np.exp(1j * np.linspace(0, np.pi, 20001))
    L = np.polyval(num, z) / np.polyval(den, z)
    scan = ((1 + (low + width) * L) / (1 + low * L)).real
    assert found.minimum <= scan.min() + 1e-9 * np.abs(scan).max()
    at = np.polyval(num, np.exp(1j * found.frequency)) / np.polyval(den, np.exp(1j * found.frequency))
    assert found.minimum == pytest.approx(((1 + (low + width) * at) / (1 + low * at)).real, rel=1e-6, abs=1e-9)


# Slotine and Li 1991, section 4.6; Ljung, Soderstrom, Gustavsson 1975.
@pytest.mark.parametrize(("system", "verdict", "minimum", "frequency"), [
    (ct.tf([1, 1], [1, 1, 1]), True, 0.0, math.inf),
    (ct.tf([1, 1], [1, 0.5, 1]), False, -0.1064, 1.7958),
    (ct.tf([1], [1, 1]), True, 0.0, math.inf),
    (ct.tf([1], [1, 1, 1]), False, -1 / 3, 2**0.5),
    (ct.tf([1, 2], [1, 1]), True, 1.0, math.inf),
    (ct.tf([1, -2], [1, 1]), False, -2.0, 0.0),
    (ct.tf([1, 0], [1, -0.5], True), True, 2 / 3, math.pi),
    (ct.tf([1], [1, -0.5], True), False, -2 / 3, math.pi),
    (ct.tf([1, 0, 0], [1, 1.5, 0.75], True) - 0.5, False, -1.10555, 2.3538),
    (ct.tf([1, 1.5, 0.75], [1, 0, 0], True), False, -0.125, 2 * math.pi / 3),
    (ct.tf([2.0], [1.0], True), True, 2.0, math.pi)])
def test_positive_real_cases(system, verdict, minimum, frequency):
    found = gs.is_spr(system)
    assert found.verdict is verdict
    assert found.minimum == pytest.approx(minimum, abs=5e-5)
    assert found.frequency == pytest.approx(frequency, abs=1e-4)
    assert gs.is_spr(ct.ss(system)).verdict is verdict


def test_relative_degree_one_needs_the_right_zero():
    """(s + b)/((s + 1)(s + 2)): Re = (b (2 - w^2) + 3 w^2)/|.|^2, positive iff 0 < b <= 3."""
    assert [gs.is_spr(ct.tf([1, b], [1, 3, 2])).verdict for b in (1, 2.999, 3.001, -0.1)] == [True, True, False, False]


def test_touching_and_poles_on_the_boundary_are_not_strict():
    assert not gs.is_spr(ct.tf([1, 0, 1], [1, 2, 1])).verdict                                # Re = 0 at w = 1
    integrator = gs.is_spr(ct.tf([1], [1, 0]))
    assert not integrator.verdict
    assert math.isnan(integrator.minimum)
    assert not gs.is_spr(ct.tf([1, 3], [1, -1])).verdict                                     # a pole outside


def test_small_gain_of_a_monic_polynomial():
    """1/C - 1/2 is strictly positive real iff |C - 1| < 1 on the circle."""
    for c, strict in (([1, 0.9], True), ([1, 0.4, 0.5], True), ([1, 0.6, 0.6], False)):      # largest |C - 1|: .9, .9, 1.2
        delays = [1] + [0] * (len(c) - 1)
        assert gs.is_spr(ct.tf(delays, c, True) - 0.5).verdict == strict


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: gs.circle_criterion(ct.tf([1], [1, 1]), 2, 1), ValueError, "must be below high"),
    (lambda: gs.circle_criterion(ct.tf([1], [1, 1]), 0, math.inf), ValueError, "gs.is_spr"),
    (lambda: gs.circle_criterion(ct.tf([1], [1, 1]), "a", 1), TypeError, "low"),
    (lambda: gs.circle_criterion(([1], [1, 1]), 0, 1), TypeError, "python-control"),
    (lambda: gs.is_spr(ct.tf([1, 0], [1])), ValueError, "proper"),
    (lambda: gs.is_spr(ct.ss(-np.eye(2), np.eye(2), np.eye(2), np.zeros((2, 2)))), ValueError, "one input")])
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()
