"""Exact expectation on a real delay line: against brute force over windows, closed forms, and compiled loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import toeplitz

import gainsched as gs
from gainsched.analysis.moments import Map, Window
from tests.analysis.windows import Windows

SPARSE = ([-2.0, 0.0, 2.0], [0.125, 0.75, 0.125])                    # excess kurtosis 1
LINES = [(1, (1.0,), "gaussian"), (2, (1.0,), "gaussian"), (3, (1.0,), "gaussian"), (2, (0.8, 0.6), "gaussian"),
         (2, (1.0,), "uniform"), (3, (1.0, -0.5), "binary"), (4, (1.0, 0.0, 0.5), "binary"), (3, (1.0, 0.3), SPARSE)]
STABLE = [{"taps": 1}, {"taps": 2}, {"taps": 3}, {"taps": 4}, {"taps": 2, "color": (1.0, 1.0)},
          {"taps": 3, "color": (1.0, -0.9)}, {"taps": 4, "samples": "uniform"},
          {"taps": 3, "color": (1, 0.8), "samples": "binary"}, {"taps": 3, "samples": SPARSE, "power": 7.0}]


def independent(taps, color=(1.0,), kurtosis=0.0):
    """Bound and report under independent regressors of the same covariance."""
    c = np.asarray(color) / np.linalg.norm(color)
    r = np.zeros(taps + len(c))
    r[: len(c)] = np.correlate(c, c, "full")[len(c) - 1:]
    return gs.analyze(gs.Loop(gs.LMS(taps), gain=1e-3), gs.Excitation(toeplitz(r[:taps]), kurtosis=kurtosis)).range[1]


# -- against brute force ------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("taps", "color", "samples"), LINES)
def test_powers_are_those_of_all_windows(taps, color, samples):
    w = np.random.default_rng(taps).standard_normal(taps)
    gains = np.array([0.3, 0.05, 0.2, 0.2, 0.0, 0.4, 0.1, 0.1])
    line = gs.DelayLine(taps, color, noise=0.3, samples=samples)
    windows = Windows(taps, color, samples, w, noise=0.3)
    expected = np.array([windows.step(mu)[:2] for mu in gains]).T
    for kind, values in zip(("emse", "msd"), expected, strict=True):
        assert_allclose(line.learning_curve(len(gains), gains, w_opt=w, kind=kind), values, rtol=1e-12)


@pytest.mark.parametrize(("taps", "color", "samples"), LINES)
def test_means_are_those_of_all_windows(taps, color, samples):
    w = np.random.default_rng(taps).standard_normal(taps)
    windows, line = Windows(taps, color, samples, w), gs.DelayLine(taps, color, samples=samples)
    of = Map(Window(taps, line.color, line.samples, 2))
    m = np.zeros(of.size)
    m[of.rest] = w
    for mu in (0.3, 0.05, 0.2, 0.4, 0.1, 0.1):
        assert_allclose(m[of.rest], windows.step(mu)[2], rtol=1e-12, atol=1e-15)
        m = of.at(mu) @ m


@pytest.mark.parametrize(("taps", "color", "samples"), [(2, (1.0,), "binary"), (3, (1.0, 0.8), "binary"), (2, (1.0, 0.5), SPARSE)])
def test_growth_is_that_of_the_chain_of_windows(taps, color, samples):
    line, windows = gs.DelayLine(taps, color, samples=samples), Windows(taps, color, samples, np.ones(taps))
    for mu in (0.05, 0.5 * line.bound.value, 1.3 * line.bound.value):
        assert line.growth(mu) == pytest.approx(windows.growth(mu), rel=1e-10)
    assert windows.growth(line.bound.value) == pytest.approx(1.0, abs=1e-8)


# -- closed forms -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("power", [1.0, 0.01, 250.0])
def test_one_gaussian_weight(power):
    line = gs.DelayLine(1, power=power, noise=0.2)
    for part in (0.1, 0.4, 0.7, 1.0):
        assert line.growth(part / power) == pytest.approx(1 - 2 * part + 3 * part**2, rel=1e-12)
    assert line.bound.value == pytest.approx(2 / (3 * power), rel=1e-9)
    assert line.mean_bound.value == pytest.approx(2 / power, rel=1e-9)
    assert line.steady_state(0.3 / power).emse == pytest.approx(0.3 * 0.2 / (2 - 3 * 0.3), rel=1e-12)


def test_white_binary_input_is_as_if_independent():
    """|u|^2 is constant, so E|w~|^2 closes by itself: the error power falls by 1 - (2 mu - N mu^2) E e^2."""
    for taps in (2, 5):
        line = gs.DelayLine(taps, samples="binary")
        assert line.bound.value == pytest.approx(2 / taps, rel=1e-8) == independent(taps, kurtosis=-2.0)
        assert line.steady_state(0.1).emse == pytest.approx(0.1 * taps / (2 - 0.1 * taps), rel=1e-9)


def test_small_gains_are_as_if_independent():
    for taps, color in ((4, (1.0,)), (3, (1.0, 0.9))):
        line = gs.DelayLine(taps, color)
        assert line.steady_state(1e-5).emse == pytest.approx(0.5e-5 * taps, rel=1e-3)


@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_white_lines_leave_theory_as_measured(taps):
    """EMSE over that of independent regressors at .1, .2, .35 of their bound: 1.01, 1.01, 1.03 measured at 8 taps."""
    line, bound = gs.DelayLine(taps), 2 / (taps + 2)
    ratios = [line.steady_state(part * bound).emse / (part * bound * taps / (2 - part * bound * (taps + 2)))
              for part in (0.1, 0.2, 0.35)]
    assert_allclose(ratios, [1.01, 1.01, 1.03], atol=0.015)
    assert ratios[0] >= 1


# -- bounds -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("given", STABLE, ids=str)
def test_powers_diverge_above_the_bound_and_settle_below(given):
    line = gs.DelayLine(**given)
    bound = line.bound.value
    above, below = (line.learning_curve(3000, part * bound, kind="msd") for part in (1.05, 0.95))
    assert above[-1] > 1.02 * above[-2] > 1e20
    assert above[-1] / above[-2] == pytest.approx(line.growth(1.05 * bound), rel=1e-6)
    assert below[-1] == pytest.approx(line.steady_state(0.95 * bound).msd, rel=1e-3)
    assert line.learning_curve(3000, 0.95 * bound)[-1] == pytest.approx(line.noise + line.steady_state(0.95 * bound).emse, rel=1e-3)
    assert line.steady_state(bound) == (math.inf, math.inf)
    assert bound < line.mean_bound.value


@pytest.mark.parametrize("given", STABLE, ids=str)
def test_no_gain_below_the_bound_grows(given):
    line = gs.DelayLine(**given)
    assert max(line.growth(part * line.bound.value) for part in np.linspace(0.02, 0.999, 40)) < 1


@pytest.mark.parametrize("given", STABLE[:6], ids=str)
def test_means_diverge_above_their_bound_only(given):
    line = gs.DelayLine(**given)
    of, last = Map(Window(line.taps, line.color, line.samples, 2)), []
    for part in (0.95, 1.05):
        A, m = of.at(part * line.mean_bound.value), np.zeros(of.size)
        m[of.rest] = 1.0 + np.arange(line.taps)
        for _ in range(2000):
            m = A @ m
        last.append(np.linalg.norm(m[of.rest]))
    assert last[0] < 1e-3
    assert last[1] > 1e3


def test_the_bound_lies_below_that_of_independent_regressors():
    """The ratio for white Gaussian input falls with the length of the line; color makes it worse."""
    white = [gs.DelayLine(n).bound.value / independent(n) for n in (1, 2, 3, 4)]
    assert_allclose(white, [1.0, 0.805, 0.689, 0.628], atol=5e-4)
    assert gs.DelayLine(3, (1.0, 1.0)).bound.value / independent(3, (1.0, 1.0)) == pytest.approx(0.452, abs=5e-4)
    assert gs.DelayLine(3, (1.0, -1.0)).bound.value == pytest.approx(gs.DelayLine(3, (1.0, 1.0)).bound.value, rel=1e-8)


# -- against compiled loops ---------------------------------------------------------------------------------------

@pytest.mark.parametrize(("taps", "color", "gain"), [
    (2, (1.0,), 0.1), (3, (1.0, 0.8), 0.03), (3, (1.0,), gs.Exponential(0.1, rate=0.5, every=40, floor=0.01))])
def test_learning_curve_of_loops(taps, color, gain):
    rng, T, trials = np.random.default_rng(5), 300, 4000
    c = np.asarray(color) / np.linalg.norm(color)
    lead = taps + len(c)                                        # the line is full when learning begins
    s = rng.standard_normal((trials, T + lead))
    X = sum(ci * np.roll(s, i, axis=1) for i, ci in enumerate(c))
    w = np.arange(1.0, taps + 1) / taps
    D = sum(wi * np.roll(X, i, axis=1) for i, wi in enumerate(w)) + 0.1 * rng.standard_normal(X.shape)
    gains = np.concatenate([np.zeros(lead), gs.Loop(gs.LMS(1), gain=gain).gain(np.arange(T))])
    runs = gs.Loop(gs.LMS(taps), gain=gains).run_many(X, D, workers=1)
    measured = np.mean(np.stack([run.e for run in runs])[:, lead:] ** 2, axis=0)
    predicted = gs.DelayLine(taps, color, noise=0.01).learning_curve(T, gain, w_opt=w)
    assert np.abs(10 * np.log10(measured[:20] / predicted[:20])).max() < 0.5
    blocks = [10 * np.log10(np.mean(p.reshape(-1, 20), axis=1)) for p in (measured, predicted)]
    assert np.abs(blocks[0] - blocks[1]).max() < 0.15


# -- refusals -----------------------------------------------------------------------------------------------------

def test_what_is_out_of_reach_is_refused_with_its_size():
    with pytest.raises(ValueError, match=r"unknowns of 6 taps.* must be <= 20000, got 42630\. Take fewer taps"):
        gs.DelayLine(6)
    with pytest.raises(ValueError, match="unknowns of 64 taps"):
        gs.DelayLine(64)


@pytest.mark.parametrize(("call", "text"), [
    (lambda: gs.DelayLine(0), "taps must be >= 1, got 0"),
    (lambda: gs.DelayLine(2, color=(0.0,)), "color must be a row of finite numbers"),
    (lambda: gs.DelayLine(2, power=-1.0), "power must be finite and > 0, got -1"),
    (lambda: gs.DelayLine(2, noise=math.nan), "noise must be finite"),
    (lambda: gs.DelayLine(2, samples="laplace"), "samples must be one of 'gaussian'"),
    (lambda: gs.DelayLine(2, samples=([-1, 2], [2 / 3, 1 / 3])), "symmetric about 0"),
    (lambda: gs.DelayLine(2, samples=([-1, 1], [0.4, 0.4])), "sum to 1"),
    (lambda: gs.DelayLine(2).steady_state(0.0), "gain must be finite and > 0, got 0"),
    (lambda: gs.DelayLine(2).learning_curve(10, np.ones(5)), "n must be <= 5"),
    (lambda: gs.DelayLine(2).learning_curve(0, 0.1), "n must be an integer >= 1"),
    (lambda: gs.DelayLine(2).learning_curve(5, 0.1, w_opt=[1.0]), "must be 2 finite weights"),
    (lambda: gs.DelayLine(2).learning_curve(5, 0.1, kind="db"), "kind must be one of"),
])
def test_refusals(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_a_law_has_no_exact_curve():
    with pytest.raises(gs.NoTheory, match="known beforehand"):
        gs.DelayLine(2).learning_curve(10, gs.KwongJohnston())


def test_printing_is_code():
    line = gs.DelayLine(3, color=(1.0, 0.5), noise=0.01, samples=SPARSE)
    again = eval(repr(line), {"DelayLine": gs.DelayLine})
    assert (again.samples, again.size) == (line.samples, line.size)
    assert again.bound.value == pytest.approx(line.bound.value, rel=1e-9)


def test_a_gain_whose_square_no_float_holds_grows_without_end():
    assert gs.DelayLine(3).growth(1e200) == math.inf
