"""The dictionary of adaptation loops, conditionally stable loops, and what margins promise at every edge."""

from __future__ import annotations

import math

import control as ct
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gainsched as gs
from gainsched.analysis.margins import gain_range
from tests.analysis.test_margins import INTEGER_STALENESS, integrator, kmax, radius

BETAS = (0.1, 0.5, 0.9, 0.99)
DICTIONARY = {
    "heavy ball": (gs.HeavyBall, lambda b: 2 * (1 + b)),
    "gradient EMA": (gs.GradientEMA, lambda b: 2 * (1 + b) / (1 - b)),
    "Nesterov": (gs.Nesterov, lambda b: 2 * (1 + b) / (1 + 2 * b)),
}


# -- closed forms -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("delay", "limit"), [(0, 2), (1, 1), (2, 0.618034), (3, 0.445042), (4, 0.347296)])
def test_stale_gradients_have_these_limits(delay, limit):
    L = gs.Loop(gs.DelayedLMS(1, delay=delay) if delay else gs.LMS(1), gain=0.01).transfer(1.0)
    assert kmax(delay) == pytest.approx(limit, abs=5e-7)
    assert 0.01 * gs.margins(L).gain == pytest.approx(limit, abs=5e-7)


@pytest.mark.parametrize("name", DICTIONARY)
@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_momentum_loops_have_these_limits(name, beta, share):
    between, limit = DICTIONARY[name]
    L = gs.Loop(gs.LMS(1), gain=share * limit(beta), compensator=between(beta)).transfer(1.0)
    assert gs.margins(L).gain == pytest.approx(1 / share, rel=1e-9)
    assert radius(L, 0.999 / share) < 1 < radius(L, 1.001 / share)


def test_gradient_descent_in_every_margin():
    """mu = .3 on curvature 2: gain 10/3, 72.542 degrees, 2.0777 samples, 1/Ms .7; noise gain k/(2 - k)."""
    m, L = gs.margins(integrator(0.6)), integrator(0.6)
    assert (m.gain, m.phase_deg, m.delay) == (pytest.approx(10 / 3), pytest.approx(72.542, abs=5e-4), pytest.approx(2.0777, abs=5e-5))
    assert m.disk == pytest.approx(0.7, rel=1e-12)
    assert ct.disk_margins(L, np.linspace(1e-3, np.pi, 4001), skew=1.0)[0] == pytest.approx(m.disk, rel=1e-3)      # on a grid
    assert ct.system_norm(ct.ss(ct.feedback(L, 1)), 2) ** 2 == pytest.approx(0.6 / 1.4)
    assert 10 ** (ct.disk_margins(L, np.linspace(1e-3, np.pi, 4001), skew=0.0)[1] / 20) == pytest.approx(m.gain, rel=1e-3)


@pytest.mark.parametrize(("k", "margin"), [(0.1, 15.20), (0.3, 4.72), (0.6, 2.08), (0.9, 1.18)])
def test_staleness_tolerated(k, margin):
    found = gs.margins(integrator(k)).delay
    assert found == pytest.approx(margin, abs=5e-3)
    stable = [d for d in range(60) if radius(integrator(k), delay=d) < 1]
    assert stable == list(range(INTEGER_STALENESS[k] + 1))


def test_a_whole_margin_is_itself_not_tolerated():
    """k = 1: one sample of delay puts the poles on the circle. Whole delays below the margin are stable: none."""
    assert gs.margins(integrator(1.0)).delay == pytest.approx(1, rel=1e-12)
    assert radius(integrator(1.0), delay=1) == pytest.approx(1, rel=1e-12)


# -- crossings at z = +1 and z = -1 -------------------------------------------------------------------------------

@pytest.mark.parametrize("k", [0.3, 1.0, 2.1])
def test_an_unstable_open_loop_is_bounded_at_both_ends(k):
    """k/(z - 1.2): the pole 1.2 - k enters at z = +1 for k = .2 and leaves at z = -1 for k = 2.2."""
    m = gs.margins(ct.tf([k], [1, -1.2], True))
    assert (m.gain, m.gain_low) == (pytest.approx(2.2 / k), pytest.approx(0.2 / k))
    assert gain_range(ct.tf([k], [1, -1.2], True)) == (pytest.approx(0.2 / k), pytest.approx(2.2 / k))


def test_zero_frequency_ends_a_continuous_loop():
    """2/(s - 1): stable above k = 1/2, by a crossing at s = 0 that no frequency above it shows."""
    m = gs.margins(ct.tf([2], [1, -1]))
    assert (m.gain, m.gain_low) == (math.inf, pytest.approx(0.5))
    assert m.delay == pytest.approx(math.radians(m.phase_deg) / m.frequency)
    assert (m.phase_deg, m.frequency) == (pytest.approx(60), pytest.approx(math.sqrt(3)))


# -- conditionally stable loops -----------------------------------------------------------------------------------

def lagging():
    """Phase falls below -180 degrees, comes back, and falls again: stable for small gains, and for some large ones."""
    s = ct.tf("s")
    return (s + 1) ** 2 / (s * (s + 0.05) ** 2 * (1 + s / 50) ** 2)


def test_several_gain_margins():
    L = lagging()
    scan = np.geomspace(1e-5, 1e4, 4001)
    inside = np.array([radius(L, f) < 0 for f in scan])
    edges = scan[np.flatnonzero(np.diff(inside))]
    assert len(edges) == 3                                          # (0, a) and (b, c)
    a, b, c = edges
    for at in (0.5 * a, math.sqrt(b * c), 1.1 * b, 0.9 * c):
        m = gs.margins(at * L)
        assert at * m.gain == pytest.approx(a if at < a else c, rel=0.006)              # the scan's step
        assert at * m.gain_low == pytest.approx(0 if at < a else b, rel=0.006)
    between = gs.margins(math.sqrt(a * b) * L)
    assert math.sqrt(a * b) * between.gain == pytest.approx(a, rel=0.006)               # the largest stable factor < 1
    assert math.isnan(between.phase_deg)
    above = gs.margins(2 * c * L)
    assert 2 * c * above.gain == pytest.approx(c, rel=0.006)


def test_a_discrete_conditionally_stable_loop():
    L = ct.tf(0.5 * np.poly([0.9, 0.9]), np.poly([1, 1, 1]), True)                      # three integrators, two zeros
    m = gs.margins(L)
    assert radius(L, 0.999 * m.gain_low) > 1 > radius(L, 1.001 * m.gain_low)
    assert radius(L, 0.999 * m.gain) < 1 < radius(L, 1.001 * m.gain)


def test_phase_and_delay_are_minima_over_every_crossover():
    """A resonance crosses abs(L) = 1 a second and a third time, far beyond the first crossover."""
    s = ct.tf("s")
    L = 0.4 / s + 0.06 * s / (s**2 + 0.02 * s + 100)
    w = np.unique([*np.geomspace(1e-2, 1e3, 100_001), *np.linspace(9.5, 10.5, 2_000_001)])
    values = L(1j * w)
    at = np.flatnonzero(np.diff(np.abs(values) > 1))
    assert len(at) == 3
    lag = np.mod(np.angle(values[at]) + np.pi, 2 * np.pi)
    m = gs.margins(L)
    assert math.radians(m.phase_deg) == pytest.approx(np.min(np.minimum(lag, 2 * np.pi - lag)), abs=1e-4)
    assert m.delay == pytest.approx(np.min(lag / w[at]), rel=1e-4)
    assert m.delay < 0.2 * lag[0] / w[at[0]]                         # the first crossover alone would promise more


@st.composite
def integrating(draw):
    """Loops that only feedback stabilizes: two or three integrators, zeros inside, a real pole more."""
    count = draw(st.integers(2, 3))
    zeros = draw(st.lists(st.floats(0.3, 0.98), min_size=count - 1, max_size=count - 1))
    den = np.poly([1.0] * count + [draw(st.floats(-0.5, 0.5))])
    return ct.tf(draw(st.floats(0.05, 2.0)) * np.poly([round(z, 3) for z in zeros]), den, True)


@settings(max_examples=60, deadline=None)
@given(integrating())
def test_both_gain_margins_flip_stability(L):
    m = gs.margins(L)
    if math.isnan(m.phase_deg):                                      # unstable at factor 1: no margin to test
        return
    assert radius(L) < 1
    for edge, inner in ((m.gain, -1), (m.gain_low, +1)):
        if 0 < edge < 1e6:
            assert radius(L, edge * (1 + inner * 2e-3)) < 1 + 1e-7
            assert radius(L, edge * (1 - inner * 2e-3)) > 1 - 1e-7


@settings(max_examples=40, deadline=None)
@given(integrating())
def test_disk_margin_is_the_distance_from_minus_one(L):
    m = gs.margins(L)
    if math.isnan(m.disk):
        return
    w = np.concatenate([np.geomspace(1e-4, 1e-2, 2000), np.linspace(1e-2, np.pi, 60_001)])
    scanned = np.abs(1 + L(np.exp(1j * w))).min()
    assert m.disk <= scanned + 1e-9
    assert m.disk == pytest.approx(scanned, rel=1e-3, abs=1e-3)      # the scan's step times the slope of L


# -- time units ---------------------------------------------------------------------------------------------------

def test_sample_time_changes_nothing_but_is_allowed():
    free, timed = gs.margins(integrator(0.3, 2)), gs.margins(ct.tf([0.3], [1, -1, 0, 0], 0.01))
    assert timed == free                                             # delay in samples, frequency in rad/sample


def test_a_delay_in_seconds_is_where_the_phase_is_used_up():
    s = ct.tf("s")
    for L in (2 / (s * (s + 1)), 10 * (s + 1) ** 2 / s**3, 5 / ((s + 1) * (s + 2))):
        m = gs.margins(L)
        unit = 1j * m.frequency
        assert abs(L(unit) * np.exp(-unit * m.delay) + 1) < 1e-8      # one crossover: the rotated point is -1


# -- upstream -----------------------------------------------------------------------------------------------------

def test_upstream_gives_margins_to_unstable_loops():
    """Three samples late with k = 1: unstable, stable below .445. control.margin names the crossing beyond."""
    upstream = ct.margin(integrator(1.0, 3))[0]
    if not upstream > 1:
        pytest.skip("python-control looks at the closed loop now")
    assert upstream == pytest.approx(1.802, abs=5e-4)
    assert gs.margins(integrator(1.0, 3)).gain == pytest.approx(0.445042, abs=5e-7)


def test_upstream_misses_the_end_of_momentum():
    upstream = ct.margin(ct.tf([0.5, 0], [1, -1.9, 0.9], True))[0]
    if np.isfinite(upstream):
        pytest.skip("python-control finds the crossing at z = -1 now")
    assert gs.margins(ct.tf([0.5, 0], [1, -1.9, 0.9], True)).gain == pytest.approx(7.6)
