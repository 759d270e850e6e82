"""Worst cases of finite schedules: published values, and both proofs checked by other means than the program's."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest

import gainsched as gs
from gainsched.analysis import duality
from gainsched.analysis.interpolation import interpolation, travel
from gainsched.analysis.semidefinite import minimize

pytest.importorskip("clarabel")
worst = gs.worst_case


def warm_cosine(n):
    k = np.arange(n)
    return np.where(k < 3, 1.8 * (k + 1) / 3, 0.9 * (1 + np.cos(np.pi * (k - 3) / (n - 3))))


SMOOTH = {
    "constant 1": lambda n: 1.0, "constant 1.5": lambda n: 1.5, "constant 1.8": lambda n: 1.8,
    "linear": lambda n: gs.Polynomial(2.0, 0.0, n), "cosine": lambda n: gs.Cosine(2.0, 0.0, n),
    "warm-up, cosine": warm_cosine, "1/sqrt": lambda n: gs.InversePower(1.0, 0.5), "silver": lambda n: gs.Silver(1.0)}
NONSMOOTH = {
    "constant": lambda n: n**-0.5, "linear": lambda n: gs.Polynomial(n**-0.5, 0.0, n),
    "optimal": lambda n: (n - np.arange(n)) / (n + 1) ** 1.5, "cosine": lambda n: gs.Cosine(n**-0.5, 0.0, n),
    "1/sqrt": lambda n: gs.InversePower(1.0, 0.5)}


# A program of others' making gave these, for L = 1, R = 1 and the last iterate.
@pytest.mark.parametrize(("name", "n", "expected"), [
    *zip(SMOOTH, itertools.repeat(15), [0.016129, 0.010870, 0.009091, 0.017241, 0.018412, 0.015823, 0.036159, 0.007469]),
    *zip(SMOOTH, itertools.repeat(7), [0.033333, 0.022727, 0.021990, 0.038462, 0.041500, 0.029070, 0.055336, 0.018422])])
def test_smooth_schedules(name, n, expected):
    found = worst(SMOOTH[name](n), steps=n)
    assert round(found.value, 6) == expected
    assert found.lower <= found.value <= found.lower * (1 + 5e-5)


@pytest.mark.parametrize(("name", "expected"), [*zip(NONSMOOTH, [0.461129, 0.251172, 0.250000, 0.260116, 0.567394])])
def test_lipschitz_schedules(name, expected):
    found = worst(NONSMOOTH[name](15), steps=15, lipschitz=1.0)
    assert round(found.value, 6) == expected
    assert found.lower <= found.value <= found.lower * (1 + 1e-5)


@pytest.mark.parametrize("n", [1, 2, 4, 10])
def test_closed_forms(n):
    """Drori and Teboulle 2014; Taylor, Hendrickx, Glineur 2017; Zamani and Glineur 2023."""
    assert worst(1.0, n).value == pytest.approx(1 / (4 * n + 2), abs=1e-7)
    assert worst(1 / 3, n, smooth=3.0).value == pytest.approx(3 / (4 * n + 2), abs=1e-6)
    assert worst(0.7, n).value == pytest.approx(max(1 / (4 * 0.7 * n + 2), (1 - 0.7) ** (2 * n) / 2), abs=1e-7)
    assert worst(1.0, n, measure="gradient").value == pytest.approx(1 / (n + 1), abs=1e-6)
    for mu in (0.5, 1.5, 1.9):
        contraction = max(abs(1 - mu), abs(1 - 0.1 * mu))
        assert worst(mu, n, strong=0.1, measure="distance").value == pytest.approx(contraction**n, abs=1e-6)
        assert worst(mu, n, strong=0.1, measure="value", start="value").value == pytest.approx(contraction ** (2 * n), abs=1e-6)
    best = worst(1 / math.sqrt(n + 1), n, lipschitz=1.0, measure="best").value
    assert best == pytest.approx(1 / math.sqrt(n + 1), abs=1e-6)
    last = worst((n - np.arange(n)) / (n + 1) ** 1.5, lipschitz=1.0).value
    assert last == pytest.approx(1 / math.sqrt(n + 1), abs=1e-6)


def strongly_convex_silver(m, doublings):
    """Altschuler and Parrilo 2023 (part I), for L = 1: each doubling repeats all but the last step, with another between."""
    z = m
    def step(t):
        return (1 + t / m) / (1 + t)
    steps = [step(z)]
    for _ in range(doublings):
        swing = 1 - z + math.hypot(1, 1 - z)
        y, z = z / swing, z * swing
        steps = [*steps[:-1], step(y), *steps[:-1], step(z)]
    return steps


def test_published_examples():
    """PEPit 0.5.1, its examples of the same name."""
    assert round(worst(1 / 3, 4, smooth=3.0).value, 6) == 0.166667
    assert round(worst(1.0, 1, strong=0.1, measure="distance").value ** 2, 6) == 0.81
    assert round(worst(gs.Silver(1.0), 7).value, 6) == 0.018422                       # called n = 10 there, and cut to 7
    silver = worst(strongly_convex_silver(0.1, 2), strong=0.1, measure="distance")
    assert round(silver.value**2, 6) == 0.138012
    assert round(worst(1.0 / (2.0 * 7**0.5), 6, lipschitz=2.0, measure="best").value, 6) == 0.755929
    beta = (1 - 0.1**0.5) / (1 + 0.1**0.5)
    behind = gs.Nesterov(gs.PiecewiseConstant([1], [beta, 0.0]))          # the value is taken behind the look-ahead
    assert round(worst(1.0, 2, strong=0.1, compensator=behind, start="energy").value, 6) == 0.347602
    heavy = gs.HeavyBall(math.sqrt((1 - 0.5 * 0.1) * (1 - 0.5)))
    assert round(worst(0.5, 2, strong=0.1, compensator=heavy, start="value").value, 6) == 0.753493


def descents(n, rng):
    """(gradient, value) of functions of the smooth class whose minimum is at 0: quadratics, Huber's, log cosh."""
    yield from (((lambda w, c=c: c * w), (lambda w, c=c: c * w**2 / 2)) for c in (0.02, 0.1, 0.5, 1.0))
    for a in rng.uniform(0.0, 1.0, 60):
        yield (lambda w, a=a: np.clip(w, -a, a)), (lambda w, a=a: abs(w) * a - a * a / 2 if abs(w) > a else w * w / 2)
    for s in (0.05, 0.2, 1.0):
        yield (lambda w, s=s: s * np.tanh(w / s)), (lambda w, s=s: s * s * np.log(np.cosh(w / s)))


@pytest.mark.parametrize("compensator", [None, gs.HeavyBall(0.5), gs.Nesterov(0.6), gs.GradientEMA(0.5)])
def test_no_function_passes_the_bound(compensator):
    rng = np.random.default_rng(4)
    for _ in range(3):
        gains = rng.uniform(0.0, 1.6, 6)
        bound = worst(gains, compensator=compensator)
        reached = 0.0
        for gradient, value in descents(6, rng):
            loop = gs.Descent(gradient, [1.0], gain=gains, compensator=compensator)
            loop.run(6)
            reached = max(reached, float(value(loop.w[0])))
        assert reached <= bound.value
        if compensator is None:
            assert reached > 0.8 * bound.value                         # these come near the worst
        assert bound.lower == pytest.approx(bound.value, rel=1e-4)


@pytest.mark.parametrize(("strong", "compensator"), [(0.0, None), (0.2, gs.HeavyBall(0.4)), (0.0, gs.Nesterov(0.5))])
def test_the_witness_is_a_descent_on_a_function_of_the_class(strong, compensator):
    gains = np.array([1.5, 0.7, 1.2, 0.3])
    found = worst(2.0 * gains / 3.0, smooth=1.5, strong=1.5 * strong, compensator=compensator, within=2.0)
    w, g = found.witness["w"], found.witness["gradient"]
    assert np.linalg.norm(w[0]) <= 2.0 * (1 + 1e-12)
    memory, beta = 0.0, 0.0 if compensator is None else compensator.beta
    a, b = (0.0, 1.0) if compensator is None else compensator.shares(beta)
    for k in range(4):                                                   # it descends
        memory = beta * memory + a * 2.0 * gains[k] / 3.0 * g[k]
        assert np.allclose(w[k + 1], w[k] - b * 2.0 * gains[k] / 3.0 * g[k] - memory, atol=1e-12)
    w, g = np.vstack([w, 0 * w[:1]]), np.vstack([g, 0 * g[:1]])
    L, m = 1.5, 1.5 * strong
    low, high = np.zeros(6), np.full(6, np.inf)                          # values: between a shortest path and 0
    need = np.zeros((6, 6))
    for i, j in itertools.permutations(range(6), 2):
        dw, dg = w[i] - w[j], g[i] - g[j]
        need[i, j] = g[j] @ dw + (dg @ dg / L + m * dw @ dw - 2 * m / L * dg @ dw) / (2 * (1 - m / L))   # f_i - f_j >= this
    high[:] = np.where(np.arange(6) == 5, 0.0, np.inf)
    for _ in range(6):
        for i, j in itertools.permutations(range(6), 2):
            low[i] = max(low[i], low[j] + need[i, j])
            high[j] = min(high[j], high[i] - need[i, j])
    assert low[5] <= 1e-14                                               # no cycle contradicts itself
    assert high[4] >= found.lower - 1e-12                                # and the last value can be that high


def test_the_proof_scales_with_the_units():
    base = worst(gs.Cosine(1.5, 0.1, 5), 5)
    scaled = worst(gs.Cosine(1.5, 0.1, 5) * 0.25, 5, smooth=4.0, within=3.0)
    assert scaled.value == pytest.approx(36.0 * base.value, rel=1e-9)
    assert worst(2.0, 3, lipschitz=0.5, within=2.0).value == pytest.approx(worst(0.5, 3, lipschitz=1.0).value, rel=1e-9)
    assert worst(1.0, 3, smooth=2.0, measure="gradient", within=5.0).value == \
        pytest.approx(10.0 * worst(2.0, 3, measure="gradient").value, rel=1e-9)


@pytest.mark.parametrize("measure", ["value", "best"])
def test_bad_multipliers_prove_nothing_false(measure):
    """Whatever a solver might return, the upper bound stays above what a function attains, or is not given."""
    problem = interpolation(*travel(np.array([1.2, 0.5, 0.9]), np.zeros(3), [(0.0, 1.0)] * 3), 1.0, 0.0, measure, "distance")
    shift = 1e-4 * np.eye(len(problem.C))
    good = minimize(problem.b, [(-problem.C - shift, problem.A)], np.zeros(len(problem.b)), (problem.a.T, problem.c)).point
    lower, rng, proven = duality.bracket(problem)[1], np.random.default_rng(0), 0
    for size in (1e-12, 1e-9, 1e-6, 1e-3, 0.1):
        for _ in range(40):
            above = duality._above(problem, good + size * rng.standard_normal(len(good)))
            assert above >= lower
            proven += math.isfinite(above)
    assert 40 < proven < 200                                              # both happened
    assert duality._above(problem, np.full(len(good), np.nan)) == duality._above(problem, 0.0 * good) == math.inf


def test_zero_gains_are_no_steps():
    assert worst([1.0, 0.0, 1.0, 0.0]).value == pytest.approx(worst(1.0, 2).value, rel=1e-9)
    assert worst(0.0, 3).value == pytest.approx(0.5, abs=1e-7)


def test_too_large_a_gain_is_seen_from_below():
    assert worst(2.5, 6).lower > 0.5 * 1.5**12 * 0.99                    # the quadratic of curvature 1 does that
    wild = worst(3.0, 12)
    assert wild.lower > 1e3 and (wild.value >= wild.lower)
    assert wild.to_dict()["value"] is None or wild.to_dict()["value"] >= wild.lower


def test_momentum_of_no_memory_is_descent():
    gains = [0.9, 1.3, 0.4]
    for compensator in (gs.HeavyBall(0.0), gs.Nesterov(0.0), gs.GradientEMA(0.0)):
        assert worst(gains, compensator=compensator).value == pytest.approx(worst(gains).value, abs=1e-9)


def test_descent_keeps_its_asymptotic_rate_from_the_first_step_on():
    rate = gs.convergence_rate(10, 1.5)
    for n in (4, 8):
        found = worst(1.5, n, strong=0.1, measure="distance")
        assert found.value == pytest.approx(rate**n, abs=1e-6)


def test_thirty_steps():
    found = worst(1.0, 30)
    assert found.lower <= 1 / 122 <= found.value == pytest.approx(1 / 122, abs=1e-8)


@pytest.mark.parametrize(("arguments", "options", "message"), [
    ((1.0, 31), {}, r"steps must be at most 30, got 31"),
    ((1.0,), {}, r"steps must be given"),
    (([1.0, 1.0], 3), {}, r"number for each of 3 steps, got 2"),
    ((-1.0, 3), {}, r"must be finite and >= 0, got -1"),
    ((1.0, 0), {}, r"steps must be a whole number >= 1"),
    ((1.0, 3), {"strong": 1.0}, r"strong must be below smooth, 1, got 1"),
    ((1.0, 3), {"smooth": 0.0}, r"smooth must be > 0"),
    ((1.0, 3), {"within": -1.0}, r"within must be a finite number >= 0, got -1"),
    ((1.0, 3), {"lipschitz": 1.0, "smooth": 1.0}, r"lipschitz must stand alone"),
    ((1.0, 3), {"lipschitz": 1.0, "measure": "gradient"}, r"measure must be one of value, best, distance"),
    ((1.0, 3), {"start": "value"}, r"start must be one of distance"),
    ((1.0, 3), {"measure": "mse"}, r"measure must be one of value, best, distance, gradient"),
    ((1.0, 3), {"compensator": gs.HeavyBall(gs.Polynomial(0.5, 1.5, 2))}, r"beta at step 1 must be in \[0, 1\)")])
def test_refusals(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        worst(*arguments, **options)


def test_wrong_kinds():
    with pytest.raises(TypeError, match="gain must be a number"):
        worst(gs.Polyak(), 3)
    with pytest.raises(TypeError, match="strong must be a finite number"):
        worst(1.0, 3, strong="a")


def test_without_the_solver(monkeypatch):
    monkeypatch.setitem(sys.modules, "clarabel", None)
    with pytest.raises(ImportError, match=r'worst_case needs clarabel. Run: pip install "gainsched\[lmi\]"'):
        worst(1.0, 3)
