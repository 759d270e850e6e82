"""The bound for gains in any order: an adversary against the exact second moments finds nothing below it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import gainsched as gs
from gainsched.analysis.anyorder import delayed_bound, momentum_bound
from gainsched.analysis.momentum import Mode
from gainsched.excitation import linear_moments
from tests.analysis.exact import Exact, radius

TWO = np.diag([1.0, 0.3])
BINARY = gs.Excitation(1.0, kurtosis=-2.0)                                     # u = 1 or -1: nothing fluctuates


def worst(exact, high, period, rng, beta=0.0, starts=5):
    """ln of the growth per sample of the worst cycle of gains 0 and high that coordinate ascent finds."""
    maps = [exact.step(gain, beta)[0] for gain in (0.0, high)]

    def growth(cycle):
        total = np.eye(exact.size)
        for i in cycle:
            total = maps[i] @ total
        return math.log(max(radius(total), 1e-300)) / period

    best = -math.inf
    for _ in range(starts):
        cycle = list(rng.integers(0, 2, period))
        cycle[0], value, better = 1, growth(cycle), True                       # one that never moves proves nothing
        while better:
            better = False
            for i in range(1, period):
                other = [*cycle[:i], 1 - cycle[i], *cycle[i + 1:]]
                if (found := growth(other)) > value + 1e-12:
                    cycle, value, better = other, found, True
        best = max(best, value)
    return best


@pytest.mark.parametrize(("R", "delay", "period"), [(np.eye(1), 1, 6), (np.eye(1), 2, 11), (np.eye(1), 3, 14),
                                                    (TWO, 1, 6), (TWO, 2, 11)])
def test_no_cycle_below_the_delayed_bound_grows_and_one_half_above_does(R, delay, period, rng):
    high, exact = delayed_bound(linear_moments(np.diag(R)), delay), Exact(R, delay=delay)
    assert worst(exact, high, period, rng) < 0 < worst(exact, 1.5 * high, period, rng)


@pytest.mark.parametrize("kind", [gs.HeavyBall, gs.Nesterov, gs.GradientEMA])
@pytest.mark.parametrize("R", [np.eye(1), TWO], ids=["one", "two"])
def test_no_cycle_below_the_momentum_bound_grows_and_one_three_times_above_does(kind, R, rng):
    high = momentum_bound(linear_moments(np.diag(R)), Mode.of(kind(0.5), 0.5))
    exact = Exact(R, momentum=kind.__name__)
    assert worst(exact, high, 12, rng, 0.5) < 0 < worst(exact, 3.0 * high, 12, rng, 0.5)


def test_the_function_of_the_proof_falls_at_every_sample(rng):
    """V = c + Q of one mode, from the exact joint covariance of x_k, x_{k-1}, x_{k-2}, under random gains."""
    delay, exact = 2, Exact(np.eye(1), delay=2)
    gains = delayed_bound(linear_moments([1.0]), delay) * rng.choice([0.0, 0.5, 1.0], 400)
    s, values, power = exact.start(np.eye(1)), [], []
    for k in range(len(gains) - 2 * delay):
        c = s.reshape(3, 3).diagonal()                                         # powers of x_k, x_{k-1}, x_{k-2}
        power.append(c[0])
        if k >= 2 * delay:
            late = sum(gains[j] * power[j - delay] * gains[k:j + delay + 1].sum() for j in range(k - delay, k))
            values.append(c[0] + late)
        s = exact.step(gains[k])[0] @ s
    assert np.all(np.diff(values) <= 1e-15) and values[-1] < 1e-3 * values[0]


def test_known_limits():
    for modes in ([1.0] * 4, [1.0, 0.3, 0.01]):
        moments = linear_moments(modes)
        frozen = gs.analyze(gs.Loop(gs.LMS(len(modes)), gain=0.01), gs.Excitation(np.diag(modes))).range[1]
        assert_allclose(delayed_bound(moments, 0), frozen, rtol=1e-10)
        assert_allclose(momentum_bound(moments, Mode.of(gs.HeavyBall(0.0), 0.0)), frozen, rtol=1e-10)
    still = linear_moments([1.0], kurtosis=-2.0)
    for beta in (0.3, 0.9, 0.99):                                              # the circle criterion
        assert momentum_bound(still, Mode.of(gs.HeavyBall(beta), beta)) == pytest.approx(2 * (1 - beta)**2 / (1 + beta))
    assert delayed_bound(still, 7) == pytest.approx(2.0 / 15.0)
    assert math.isinf(delayed_bound(linear_moments([0.0]), 1))


def test_the_joint_spectral_radius_agrees():
    """Of the mean, by products and norms: below 1 at the bound of one mode that does not fluctuate, above it further up."""
    still = linear_moments([1.0], kurtosis=-2.0)
    late, heavy = delayed_bound(still, 1), momentum_bound(still, Mode.of(gs.HeavyBall(0.5), 0.5))
    for high, where, beyond in ((late, {"delay": 1}, 1.55), (heavy, {"compensator": gs.HeavyBall(0.5)}, 4.0)):
        assert gs.certify_switching([0.05 * high, high], (1.0, 1.0), **where).verdict == "stable"
        assert gs.certify_switching([0.05 * high, beyond * high], (1.0, 1.0), **where).verdict == "unstable"


@pytest.mark.parametrize("gain", [gs.InverseTime(0.1, 0.01), gs.InverseSqrt(0.3, 10), gs.Function(lambda k: 0.3 + 0.05 * math.sin(k * k)),
                                  gs.KwongJohnston(high=0.3), gs.Cyclic(0.0, 0.39, 997)], ids=repr)
def test_gains_below_the_bound_are_stable_whatever_they_do(gain):
    rep = gs.analyze(gs.Loop(gs.DelayedLMS(1, delay=2), gain=gain), BINARY)
    assert rep.bounds["any_sequence"].value == pytest.approx(0.4)
    assert rep.verdict == "stable" and (rep.growth is None or rep.growth < 1)


def test_what_falls_below_the_bound_is_followed_until_then():
    loop = gs.Loop(gs.DelayedLMS(1, delay=2), gain=gs.InverseTime(0.55, 0.001))
    rep = gs.analyze(loop, BINARY)
    assert rep.verdict == "stable" and "on the way there" in rep.sentence
    assert gs.analyze(gs.Loop(gs.DelayedLMS(1, delay=2), gain=gs.InverseTime(0.8, 1e-4)), BINARY).verdict == "unstable"
    late = gs.Function(lambda k: 0.45 if k < 40 else 0.3 + 0.05 * math.sin(k * k))      # no limit, yet soon small
    rep = gs.analyze(gs.Loop(gs.DelayedLMS(1, delay=2), gain=late), BINARY)
    assert rep.verdict == "stable" and "stays below 0.4 from sample 40 on" in rep.sentence


def test_gains_that_mix_a_large_limit_with_small_values_are_not_taken_for_either():
    """At rest near .617, or below .4: a gain that takes turns at both for long is neither."""
    cycle = np.tile([0.617] * 9 + [0.0] * 2, 6000)
    rep = gs.analyze(gs.Loop(gs.DelayedLMS(1, delay=2), gain=np.append(cycle, np.full(20, 0.617))), BINARY)
    assert rep.verdict != "stable"


@pytest.mark.parametrize("gain", [gs.InverseSqrt(0.007, 10), gs.KwongJohnston(high=0.008)], ids=repr)
def test_momentum_of_constant_beta(gain):
    loop = gs.Loop(gs.LMS(1), gain=gain, compensator=gs.HeavyBall(0.9))
    rep = gs.analyze(loop, gs.Excitation(1.0))
    assert rep.verdict == "stable" and rep.bounds["any_sequence"].value > 0.008
    moving = gs.Loop(gs.LMS(1), gain=gain, compensator=gs.HeavyBall(gs.Cyclic(0.1, 0.8, 20)))
    rep = gs.analyze(moving, gs.Excitation(1.0))
    assert rep.verdict == "not certified" and "any_sequence" not in rep.bounds


def test_a_law_beyond_the_bound_is_told_what_high_would_do():
    def judged(high):
        return gs.analyze(gs.Loop(gs.DelayedLMS(1, delay=2), gain=gs.KwongJohnston(high=high)), BINARY)

    assert judged(0.5).verdict == "not certified" and "high=0.36" in judged(0.5).sentence
    assert judged(0.36).verdict == "stable"


@pytest.mark.parametrize("gains", ["a", [[0.1, 0.2]], gs.Cosine(0.1, 0.0, 100)])
def test_what_no_set_of_gains_is_refused_in_words(gains):
    with pytest.raises(TypeError, match="certify_switching: gains must be the numbers"):
        gs.certify_switching(gains, (1.0, 2.0))
