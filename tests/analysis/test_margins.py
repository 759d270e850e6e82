"""Margins against closed forms, textbook numbers, and closed-loop poles on either side of every claim."""

from __future__ import annotations

import math

import control as ct
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gainsched as gs
from gainsched.analysis.margins import gain_range

INTEGER_STALENESS = {0.1: 15, 0.3: 4, 0.6: 2, 0.9: 1}


def integrator(k, delay=0):
    return ct.tf([k], [1, -1] + [0] * delay, True)


def kmax(delay):
    return 2 * math.sin(math.pi / (2 * (2 * delay + 1)))


def radius(L, factor=1.0, delay=0):
    num, den = np.atleast_1d(L.num[0][0]), np.atleast_1d(L.den[0][0])
    closed = np.concatenate([den, np.zeros(delay)])
    closed[len(closed) - len(num):] += factor * num
    if closed[0] == 0:
        return math.inf                                                      # not well posed: a pole at infinity
    roots = np.roots(closed)
    return max(abs(roots), default=0.0) if L.dt else max(roots.real, default=-1.0)


@pytest.mark.parametrize(("k", "gain", "phase", "delay"), [
    (0.1, 20.0, 87.134016, 15.201414), (0.5, 4.0, 75.522488, 2.608268), (1.0, 2.0, 60.0, 1.0)])
def test_gradient_descent(k, gain, phase, delay):
    m = gs.margins(integrator(k))
    assert m.gain == pytest.approx(gain, rel=1e-12)
    assert m.phase_deg == pytest.approx(phase, abs=1e-6)
    assert m.delay == pytest.approx(delay, abs=1e-6)
    assert m.frequency == pytest.approx(2 * math.asin(k / 2), rel=1e-12)
    assert m.disk == pytest.approx(1 - k / 2, rel=1e-12)                     # the whole locus lies right of -k/2
    assert m.gain_low == 0


@pytest.mark.parametrize("k", INTEGER_STALENESS)
def test_integer_staleness_is_the_floor_of_the_delay_margin(k):
    margin = gs.margins(integrator(k)).delay
    assert math.floor(margin) == INTEGER_STALENESS[k]
    assert radius(integrator(k), delay=math.floor(margin)) < 1 < radius(integrator(k), delay=math.floor(margin) + 1)


@pytest.mark.parametrize("delay", [1, 2, 3, 5, 10, 50])
@pytest.mark.parametrize("system", [lambda L: L, ct.ss])
def test_stale_gradients(delay, system):
    k = 0.3 * kmax(delay)
    m, wc = gs.margins(system(integrator(k, delay))), 2 * math.asin(k / 2)
    assert m.gain == pytest.approx(kmax(delay) / k, rel=1e-9)
    assert math.radians(m.phase_deg) == pytest.approx(math.pi / 2 - wc * (delay + 0.5), rel=1e-9)
    assert m.delay == pytest.approx(math.pi / (2 * wc) - 0.5 - delay, rel=1e-9)


def test_momentum_loops_cross_at_minus_one():
    b, k = 0.9, 0.5
    heavy = gs.margins(ct.tf([k, 0], [1, -(1 + b), b], True))
    assert heavy.gain == pytest.approx(2 * (1 + b) / k)                      # 7.6
    assert (heavy.phase_deg, heavy.delay) == (pytest.approx(7.74, abs=0.005), pytest.approx(0.183, abs=5e-4))
    assert gs.margins(ct.tf([k * (1 - b), 0], [1, -(1 + b), b], True)).gain == pytest.approx(38 / k)
    b, k = 0.5, 0.1
    nesterov = gs.margins(ct.tf([k * (1 + b), -k * b], [1, -(1 + b), b], True))
    assert nesterov.gain == pytest.approx(2 * (1 + b) / (1 + 2 * b) / k)     # 15


def test_disk_margin_of_a_learning_rate():
    assert gs.margins(integrator(0.6)).disk == pytest.approx(0.7, rel=1e-12)


def test_unstable_loops_name_the_largest_stable_factor():
    m = gs.margins(integrator(1.0, 3))
    assert m.gain == pytest.approx(0.445042, abs=1e-6)                       # control.margin answers 1.802
    assert all(math.isnan(v) for v in (m.gain_low, m.phase_deg, m.delay, m.disk, m.frequency))
    assert gs.margins(integrator(2.0)).gain == 1.0                           # on the edge: not stable
    assert math.isnan(gs.margins(integrator(-0.1)).gain)
    assert m.to_dict()["delay"] is None


def test_continuous_loops_agree_with_python_control():
    s = ct.tf("s")
    for L in (10 / (s * (s + 1) * (s + 5)), 2 / (s * (s + 1)), 1e5 / (s * (s + 100) * (s + 1000)), ct.ss(3 / (s + 1) ** 3)):
        gm, pm, sm, _, wp, _ = ct.stability_margins(L)
        m = gs.margins(L)
        assert m.gain == pytest.approx(gm, rel=1e-6)
        assert m.phase_deg == pytest.approx(pm, rel=1e-6)
        assert m.frequency == pytest.approx(wp, rel=1e-6)
        assert m.delay == pytest.approx(math.radians(pm) / wp, rel=1e-6)
        assert m.disk == pytest.approx(sm, rel=1e-4)


def test_rohrs_plant():
    plant = ct.tf([458], [1, 31, 259, 229])
    assert gs.margins(plant * 2 / 2).gain == pytest.approx(17.0306, abs=1e-4)


def test_conditionally_stable_loop_has_a_lower_margin():
    s = ct.tf("s")
    m = gs.margins(10 * (s + 1) ** 2 / s**3)
    assert (m.gain, m.gain_low) == (math.inf, pytest.approx(0.05))
    low, high = gain_range(10 * (s + 1) ** 2 / s**3)
    assert (low, high) == (pytest.approx(0.05), math.inf)


def test_a_loop_above_one_at_minus_one_tolerates_no_delay():
    L = ct.tf([2.0], [1.0], True) * ct.tf([1, 0], [1, 0.5], True)
    assert radius(L) < 1 < radius(L, delay=1)
    assert gs.margins(L).delay == 0


def test_tiny_gains_keep_their_digits():
    assert gs.margins(integrator(1e-9)).delay == pytest.approx(math.pi / 2e-9 - 0.5, rel=1e-9)


def test_refusals():
    with pytest.raises(TypeError, match="L must be a python-control"):
        gs.margins(3.0)
    with pytest.raises(ValueError, match="one input and one output"):
        gs.margins(ct.ss(np.eye(2) * 0.5, np.eye(2), np.eye(2), np.zeros((2, 2)), True))


def test_upstream_still_misses_the_crossing_at_minus_one():
    if np.isfinite(ct.margin(integrator(0.6))[0]):
        pytest.skip("python-control finds the crossing now")
    assert gs.margins(integrator(0.6)).gain == pytest.approx(2 / 0.6)


roots = st.lists(st.tuples(st.floats(0.05, 0.98), st.floats(0, math.pi), st.booleans()), min_size=1, max_size=4)


@st.composite
def loops(draw):
    """Random proper loops with poles inside the circle, real and complex, and a delay."""
    den = np.ones(1)
    for r, angle, real in draw(roots):
        den = np.polymul(den, [1, -r * math.cos(angle)] if real else [1, -2 * r * math.cos(angle), r * r])
    num = draw(st.lists(st.floats(-2, 2), min_size=1, max_size=len(den)))
    assume(max(map(abs, num)) > 0.1)
    return ct.tf([round(v, 3) for v in num], np.concatenate([den, np.zeros(draw(st.integers(0, 3)))]), True)


@settings(max_examples=80, deadline=None)
@given(loops())
def test_scaling_past_the_gain_margin_flips_stability(L):
    m = gs.margins(L)
    if math.isnan(m.phase_deg):
        assert radius(L) > 1 - 1e-7
        if not math.isnan(m.gain) and m.gain < 0.999:
            assert radius(L, 0.999 * m.gain) < 1 + 1e-9
        return
    assert radius(L) < 1
    if m.gain < 1e6:
        assert radius(L, m.gain) == pytest.approx(1, abs=1e-5)
        assert radius(L, 1 + 0.999 * (m.gain - 1)) < 1 + 1e-9
    else:
        assert all(radius(L, f) < 1 for f in (2, 10, 1e3))
    if m.gain < math.inf:
        assert 0 <= m.disk <= 1 - 1 / m.gain + 1e-6
    if m.phase_deg < math.inf:
        assert m.disk <= 2 * math.sin(math.radians(m.phase_deg) / 2) + 1e-6


@settings(max_examples=80, deadline=None)
@given(loops())
def test_whole_delays_within_the_margin_are_stable(L):
    m = gs.margins(L)
    if math.isnan(m.delay):
        return
    for delay in range(1, int(min(m.delay - 1e-6, 12)) + 1 if m.delay > 1 else 1):
        assert radius(L, delay=delay) < 1 + 1e-9
    if m.delay < 12 and abs(m.delay - round(m.delay)) > 1e-4 or m.delay == 0:
        assert radius(L, delay=math.floor(m.delay) + 1) > 1 - 1e-6


def test_no_delay_margin_where_the_loop_ends_above_one():
    """Any delay destabilizes: improper or biproper continuous loops, and a discrete pole at z = -1."""
    assert gs.margins(ct.tf([1, 0, 0], [1, 1])).delay == 0
    assert gs.margins(ct.tf([2, 0], [1, 1])).delay == 0
    assert gs.margins(ct.tf([-0.5], [1, 1], True)).delay == 0
    assert np.abs(np.roots([1, 1, -0.5])).max() > 1                                  # the latter, one sample later
    assert gs.margins(ct.tf([1], [1, 1, 0])).delay > 0.5
