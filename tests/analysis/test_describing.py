"""Limit cycles: closed forms, and the loops themselves run until they cycle."""

from __future__ import annotations

import math
import warnings

import control as ct
import numpy as np
import pytest

import gainsched as gs


def fundamental(y, w):
    k = np.arange(len(y))
    return 2 / len(y) * abs(np.sum(y * np.exp(-1j * w * k)))


def simulate(num, den, f, past, T=6000):
    """y of u = -f(y), y = num/den u (strictly proper), from past outputs."""
    a, b = np.array(den[1:], float), np.concatenate([np.zeros(len(den) - len(num) - 1), num])
    y, u = list(past), [-f(v) for v in past]
    for _ in range(T):
        y.append(float(b @ u[: -len(a) - 1: -1] - a @ y[: -len(a) - 1: -1]))
        u.append(-f(y[-1]))
    return np.array(y)


def clip(v):
    return float(np.clip(v, -1, 1))


def test_clipped_stale_gradient():
    """2 sat(.)/(z(z - 1)): N = 1/2 at w = pi/3, where python-control's answer lies at (.515, 1.554)."""
    [cycle] = gs.limit_cycles(ct.tf([2], [1, -1, 0], True), "clip")
    assert cycle.gain == pytest.approx(0.5, rel=1e-12)
    assert cycle.frequency == pytest.approx(math.pi / 3, rel=1e-12)
    assert round(cycle.amplitude, 3) == 2.475
    assert cycle.attracting
    y = simulate([2], [1, -1, 0], clip, [3.3, 3.3])
    assert np.allclose(y[-600:-6], y[-594:], atol=1e-9)                        # period 6
    assert not np.allclose(y[-600:-3], y[-597:], atol=0.1)
    assert fundamental(y[-600:], math.pi / 3) == pytest.approx(2.491, abs=5e-4)
    assert cycle.amplitude == pytest.approx(fundamental(y[-600:], math.pi / 3), rel=0.01)


def test_short_cycles_are_a_family(rng):
    """Every start ends at period 6; the amplitudes lie around the prediction, within 8 %."""
    [cycle] = gs.limit_cycles(ct.tf([2], [1, -1, 0], True), "clip")
    tails = [simulate([2], [1, -1, 0], clip, rng.uniform(-4, 4, 2), T=1200)[-120:] for _ in range(40)]
    assert all(np.allclose(y[6:], y[:-6], atol=1e-6) for y in tails)
    sizes = np.array([fundamental(y, math.pi / 3) for y in tails])
    assert np.all(np.abs(sizes / cycle.amplitude - 1) < 0.08)
    assert sizes.min() < cycle.amplitude < sizes.max()


def test_upstream_is_still_wrong_in_discrete_time():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ct.describing_function_response(ct.tf([2], [1, -1, 0], True), ct.saturation_nonlinearity(1),
                                                np.linspace(0.1, 10, 200))
    if any(abs(a - 2.475) < 0.01 for a, _ in found.intersections):
        pytest.skip("python-control refines discrete intersections on the circle now")
    assert all(abs(w - math.pi / 3) > 0.1 for _, w in found.intersections)


@pytest.mark.parametrize(("mu", "start"), [(0.1, 0.73), (0.25, -1.1)])
def test_sign_descent_alternates_by_half_its_step(mu, start):
    """w+ = w - mu sign(w): period 2, amplitude exactly mu/2 about an offset that the start decides."""
    [cycle] = gs.limit_cycles(ct.tf([mu], [1, -1], True))
    assert cycle.amplitude == pytest.approx(mu / 2, rel=1e-14)
    assert (cycle.period, cycle.attracting, cycle.distortion) == (2.0, True, 0.0)
    tail = simulate([mu], [1, -1], np.sign, [start], T=400)[-100:]
    assert np.abs(np.mean(tail * (-1.0) ** np.arange(100))) == pytest.approx(mu / 2, rel=1e-9)


def test_clipped_descent_beyond_its_bound():
    """mu lam = 2.5: linear descent diverges, clipped it alternates at exactly 1.25 levels."""
    [cycle] = gs.limit_cycles(ct.tf([2.5], [1, -1], True), "clip", level=0.2)
    assert cycle.amplitude == pytest.approx(1.25 * 0.2, rel=1e-12)
    tail = simulate([2.5], [1, -1], lambda v: 0.2 * clip(v / 0.2), [0.25], T=100)
    assert np.abs(tail) == pytest.approx(0.25, rel=1e-9)
    assert gs.limit_cycles(ct.tf([1.9], [1, -1], True), "clip") == ()


def test_stale_sign_locks_to_whole_samples():
    """sign(.)/(z(z - 1)): fundamental of a square wave of six samples, 4/3, against 4/pi."""
    [cycle] = gs.limit_cycles(ct.tf([1], [1, -1, 0], True), level=0.3)
    assert cycle.amplitude == pytest.approx(0.3 * 4 / math.pi, rel=1e-12)
    y = simulate([1], [1, -1, 0], lambda v: 0.3 * np.sign(v), [0.45, 0.15])
    assert fundamental(y[-600:], math.pi / 3) == pytest.approx(0.4, rel=1e-9)
    assert 0.04 < 0.4 / cycle.amplitude - 1 < 0.05


def test_relay_in_continuous_time():
    """1/(s + 1)^3: w = sqrt 3, |L| = 1/8."""
    [cycle] = gs.limit_cycles(ct.tf([1], [1, 3, 3, 1]), level=2.0)
    assert cycle.frequency == pytest.approx(3**0.5, rel=1e-9)
    assert cycle.amplitude == pytest.approx(1 / math.pi, rel=1e-9)
    assert cycle.distortion == pytest.approx(8 / 28**1.5 / 3, rel=1e-9)
    assert gs.limit_cycles(ct.tf([1], [1, 1])) == ()                           # no phase crossover, no prediction


def test_conditionally_stable_loop_has_a_dividing_cycle():
    """A clip lowers the gain: motion beyond the cycle loses the gain that stabilizes it."""
    L = 5 * ct.tf([1, 2, 1], [1, 0, 0, 0])                                     # stable for factors above .1
    [cycle] = gs.limit_cycles(L, "clip")
    assert cycle.gain == pytest.approx(0.1, rel=1e-9)
    assert not cycle.attracting


def test_scales_with_level():
    small, large = (gs.limit_cycles(ct.ss(ct.tf([2], [1, -1, 0], True)), "clip", level)[0] for level in (1, 10))
    assert large.amplitude == pytest.approx(10 * small.amplitude, rel=1e-12)
    assert large.frequency == small.frequency


@pytest.mark.parametrize(("arguments", "error", "words"), [
    ((ct.tf([1], [1, -1], True), "relay"), ValueError, "nonlinearity"),
    ((ct.tf([1], [1, -1], True), "sign", 0.0), ValueError, "level"),
    ((ct.tf([1], [1, -1], True), "sign", "a"), TypeError, "level"), ((1.0,), TypeError, "L must be")])
def test_refusals(arguments, error, words):
    with pytest.raises(error, match=words):
        gs.limit_cycles(*arguments)
